import { useState } from 'react';
import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  DialogTrigger,
  Flex,
  Select,
  TextField,
} from '@backstage/ui';
import type { ViewerInfo } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { nameOfRef } from '../../components/names';
import { useToolCatalog } from '../../hooks/useToolCatalog';

interface CreateApplicationDialogProps {
  readonly teams: ViewerInfo['teams'];
  readonly label?: string;
  readonly onCreated: () => void;
}

/** An application is what gets keys and is limited, metered and billed: one per agent or program. */
export const CreateApplicationDialog = ({
  teams,
  label = 'Create an application',
  onCreated,
}: CreateApplicationDialogProps) => {
  const [isOpen, setOpen] = useState(false);
  if (teams.length === 0)
    return (
      <Alert
        status="info"
        icon
        title="Your teams belong to no tenant"
        description="Ask the platform team to annotate your group with mcp-governance/tenant; then you can create applications."
      />
    );
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
      <Button>{label}</Button>
      <Dialog>
        <ApplicationForm
          teams={teams}
          onDone={(isCreated) => {
            setOpen(false);
            if (isCreated) onCreated();
          }}
        />
      </Dialog>
    </DialogTrigger>
  );
};

const ApplicationForm = ({
  teams,
  onDone,
}: {
  readonly teams: ViewerInfo['teams'];
  readonly onDone: (isCreated: boolean) => void;
}) => {
  const catalog = useToolCatalog();
  const [name, setName] = useState('');
  const [team, setTeam] = useState(teams[0]?.team ?? '');
  const [problem, setProblem] = useState<string>();
  const [isPending, setPending] = useState(false);
  const id = idOf(name);
  const create = async (): Promise<void> => {
    setPending(true);
    try {
      await catalog.createApplication({ id, name, team });
      onDone(true);
    } catch (error) {
      setProblem((error as Error).message);
    }
    setPending(false);
  };
  return (
    <>
      <DialogHeader>Create an application</DialogHeader>
      <DialogBody>
        <Flex direction="column" gap="4">
          <TextField
            label="Name"
            description={id === '' ? 'For example: Help desk agent' : `Known to the gateway as ${id}`}
            value={name}
            onChange={setName}
          />
          <Select
            label="Team"
            options={teams.map((each) => ({ id: each.team, label: `${nameOfRef(each.team)} (${each.tenant})` }))}
            selectedKey={team}
            onSelectionChange={(key) => setTeam(String(key))}
          />
          {problem !== undefined && <Alert status="danger" icon role="alert" title={problem} />}
        </Flex>
      </DialogBody>
      <DialogFooter>
        <Button isPending={isPending} isDisabled={id.length < 2} onPress={() => void create()}>
          Create
        </Button>
        <Button variant="secondary" onPress={() => onDone(false)}>
          Cancel
        </Button>
      </DialogFooter>
    </>
  );
};

/** `Help desk agent` -> `help-desk-agent`. */
export const idOf = (name: string): string =>
  name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40);
