import { useState } from 'react';
import { Button, Flex, Text } from '@backstage/ui';
import type { Enrolment } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { useToolCatalog } from '../../hooks/useToolCatalog';
import { CodeForm } from './CodeForm';

interface EnrolmentStepsProps {
  readonly enrolment: Enrolment;
  readonly onDone: () => void;
}

/** Scan, keep the recovery codes, prove it with a first code. The secret is gone when this is left. */
export const EnrolmentSteps = ({ enrolment, onDone }: EnrolmentStepsProps) => {
  const catalog = useToolCatalog();
  const [isKept, setKept] = useState(false);
  return (
    <Flex direction="column" gap="4" align="start">
      <Text as="h3" variant="title-x-small">
        1. Scan this with your authenticator app
      </Text>
      <img
        alt="QR code of the second factor"
        width={200}
        height={200}
        src={`data:image/svg+xml;utf8,${encodeURIComponent(enrolment.qrSvg)}`}
      />
      <Text as="p">
        Or type the key: <code data-testid="totp-secret">{enrolment.secret}</code>
      </Text>
      <Text as="h3" variant="title-x-small">
        2. Keep these recovery codes; each works once, and they are not shown again
      </Text>
      <ul aria-label="Recovery codes">
        {enrolment.recoveryCodes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      {isKept ? (
        <>
          <Text as="h3" variant="title-x-small">
            3. Enter the code that the app shows now
          </Text>
          <CodeForm
            label="Confirm"
            onCode={async (code) => {
              await catalog.confirm(code);
              onDone();
            }}
          />
        </>
      ) : (
        <Button onPress={() => setKept(true)}>I have kept them</Button>
      )}
    </Flex>
  );
};
