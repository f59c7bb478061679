import { useState } from 'react';
import { Alert, Button, Flex } from '@backstage/ui';
import type { CreatedKey } from '@mcp-governance/backstage-plugin-tool-catalog-common';

interface NewKeyProps {
  readonly created: CreatedKey;
  readonly onClose: () => void;
}

/** The one time that a key is shown. */
export const NewKey = ({ created: { key, secret }, onClose }: NewKeyProps) => {
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => void navigator.clipboard.writeText(secret).then(() => setCopied(true));
  return (
    <Alert
      status="success"
      icon
      role="status"
      title={`The key "${key.name}" is shown this once. Copy it now.`}
      description={<code data-testid="new-key">{secret}</code>}
      customActions={
        <Flex gap="2">
          <Button size="small" variant="secondary" onPress={copy}>
            {isCopied ? 'Copied' : 'Copy'}
          </Button>
          <Button size="small" variant="tertiary" onPress={onClose}>
            I have it
          </Button>
        </Flex>
      }
    />
  );
};
