import { useState, type FormEvent } from 'react';
import { Alert, Button, Flex, TextField } from '@backstage/ui';

interface CodeFormProps {
  /** What the code is for: the button's text. */
  readonly label: string;
  /** Rejects with the sentence to show. */
  readonly onCode: (code: string) => Promise<void>;
  readonly onCancel?: () => void;
}

/** Asks for a fresh code of the second factor. */
export const CodeForm = ({ label, onCode, onCancel }: CodeFormProps) => {
  const [code, setCode] = useState('');
  const [problem, setProblem] = useState<string>();
  const [isPending, setPending] = useState(false);
  const submit = async (): Promise<void> => {
    setPending(true);
    setProblem(undefined);
    try {
      await onCode(code);
    } catch (error) {
      setProblem((error as Error).message.replace(/^second factor: /, ''));
      setCode('');
    }
    setPending(false);
  };
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Flex direction="column" gap="3">
        {problem !== undefined && <Alert status="danger" icon role="alert" title={problem} />}
        <Flex gap="3" align="end">
          <TextField
            label="Code"
            description="Six digits of your authenticator, or a recovery code"
            autoComplete="one-time-code"
            inputMode="text"
            value={code}
            onChange={setCode}
          />
          <Button type="submit" isPending={isPending} isDisabled={code.trim().length < 6}>
            {label}
          </Button>
          {onCancel !== undefined && (
            <Button variant="secondary" onPress={onCancel}>
              Cancel
            </Button>
          )}
        </Flex>
      </Flex>
    </form>
  );
};
