import { useState } from 'react';
import { Dialog, DialogBody, DialogHeader, Flex, Select, Text, TextField } from '@backstage/ui';
import type { ApiKey, Application, CreatedKey } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { useToolCatalog } from '../../hooks/useToolCatalog';
import { CodeForm } from './CodeForm';

export type KeyAction =
  { readonly kind: 'create' } | { readonly kind: 'rotate' | 'cut-off' | 'revoke'; readonly key: ApiKey };

interface KeyDialogProps {
  readonly application: Application;
  readonly action: KeyAction;
  readonly onClose: () => void;
  readonly onDone: (created: CreatedKey | undefined) => void;
}

/** One thing done to a key, with what it means and the code that it needs. */
export const KeyDialog = ({ application, action, onClose, onDone }: KeyDialogProps) => {
  const catalog = useToolCatalog();
  const [name, setName] = useState('');
  const [days, setDays] = useState('90');
  const [hours, setHours] = useState('24');
  const { title, explanation, button } = words[action.kind];
  const perform = async (code: string): Promise<void> => {
    switch (action.kind) {
      case 'create':
        return onDone(
          await catalog.createKey(
            application.id,
            { name: name.trim(), ...(days === NEVER ? {} : { expiresInDays: Number(days) }) },
            code,
          ),
        );
      case 'rotate':
        return onDone(await catalog.rotateKey(action.key.id, Number(hours), code));
      case 'cut-off':
      case 'revoke':
        await catalog.endKey(action.key.id, action.kind, code);
        return onDone(undefined);
    }
  };
  return (
    <Dialog isOpen onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogHeader>{title}</DialogHeader>
      <DialogBody>
        <Flex direction="column" gap="4">
          <Text as="p">{explanation}</Text>
          {action.kind === 'create' && (
            <>
              <TextField
                label="What is it for?"
                description="For example: production"
                value={name}
                onChange={setName}
              />
              <Choice label="Expires after" value={days} options={lifetimes} onChange={setDays} />
            </>
          )}
          {action.kind === 'rotate' && (
            <Choice label="The old key goes on working for" value={hours} options={overlaps} onChange={setHours} />
          )}
          <CodeForm label={button} onCode={perform} onCancel={onClose} />
        </Flex>
      </DialogBody>
    </Dialog>
  );
};

const NEVER = 'never';

const words: Readonly<Record<KeyAction['kind'], { title: string; explanation: string; button: string }>> = {
  create: {
    title: 'Create a key',
    explanation: 'The key is shown once. Whoever has it calls as this application.',
    button: 'Create',
  },
  rotate: {
    title: 'Rotate the key',
    explanation: 'A new key is made; both work until the old one ends, so that you can change it without an outage.',
    button: 'Rotate',
  },
  'cut-off': {
    title: 'Cut off the old key',
    explanation: 'The old key ends now. Calls that still use it are refused from the next one on.',
    button: 'Cut off',
  },
  revoke: {
    title: 'Revoke the key',
    explanation: 'The key ends now, for good. Calls with it are refused from the next one on.',
    button: 'Revoke',
  },
};

interface Option {
  readonly value: string;
  readonly label: string;
}

const lifetimes: readonly Option[] = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'a year' },
  { value: NEVER, label: 'never' },
];

const overlaps: readonly Option[] = [
  { value: '0', label: 'no time at all' },
  { value: '1', label: 'an hour' },
  { value: '24', label: 'a day' },
  { value: '168', label: 'a week' },
];

const Choice = ({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly Option[];
  readonly onChange: (value: string) => void;
}) => (
  <Select
    label={label}
    options={options.map((option) => ({ id: option.value, label: option.label }))}
    selectedKey={value}
    onSelectionChange={(key) => onChange(String(key))}
  />
);
