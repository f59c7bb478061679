import { useState } from 'react';
import { Button, Cell, CellText, Flex, Table, Text, type ColumnConfig } from '@backstage/ui';
import type { ApiKey, Application, CreatedKey } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { moment, nameOfRef } from '../../components/names';
import { Outcome } from '../../components/Outcome';
import { StateBadge } from '../../components/StateBadge';
import { useLoad } from '../../hooks/useLoad';
import { useToolCatalog } from '../../hooks/useToolCatalog';
import { KeyDialog, type KeyAction } from './KeyDialog';
import { NewKey } from './NewKey';

interface KeysPanelProps {
  readonly application: Application;
  readonly isEnrolled: boolean;
}

/** Keys of one application. A new key is shown here once, and never again. */
export const KeysPanel = ({ application, isEnrolled }: KeysPanelProps) => {
  const catalog = useToolCatalog();
  const loaded = useLoad(() => catalog.keys(application.id), application.id);
  const [action, setAction] = useState<KeyAction>();
  const [created, setCreated] = useState<CreatedKey>();
  return (
    <section aria-label={`Keys of ${application.name}`}>
      <Flex direction="column" gap="3">
        <Flex justify="between" align="center">
          <Text as="h3" variant="title-x-small">
            Keys
          </Text>
          <Button size="small" isDisabled={!isEnrolled} onPress={() => setAction({ kind: 'create' })}>
            Create a key
          </Button>
        </Flex>
        {!isEnrolled && <Text>Set up the second factor above to create a key.</Text>}
        {created !== undefined && <NewKey created={created} onClose={() => setCreated(undefined)} />}
        <Outcome loaded={loaded}>
          {(keys) =>
            keys.length === 0 ? (
              <Text>No keys yet.</Text>
            ) : (
              <Table
                columnConfig={columnsOf(setAction)}
                data={[...keys]}
                pagination={{ type: 'none' }}
                emptyState="No keys yet."
              />
            )
          }
        </Outcome>
        {action !== undefined && (
          <KeyDialog
            application={application}
            action={action}
            onClose={() => setAction(undefined)}
            onDone={(made) => {
              setAction(undefined);
              setCreated(made);
              loaded.reload();
            }}
          />
        )}
      </Flex>
    </section>
  );
};

const columnsOf = (onAction: (action: KeyAction) => void): readonly ColumnConfig<ApiKey>[] => [
  { id: 'name', label: 'Name', isRowHeader: true, cell: ({ name }) => <CellText title={name} /> },
  { id: 'prefix', label: 'Begins with', cell: ({ prefix }) => <CellText title={`${prefix}…`} /> },
  {
    id: 'state',
    label: 'State',
    cell: ({ state, sync }) => (
      <Cell>
        <Flex direction="column" gap="1" align="start">
          <StateBadge state={state} label={state === 'overlap' ? 'replaced, still good' : state} />
          {sync.state === 'failed' && <Text color="danger">The gateway was not told: {sync.error}</Text>}
        </Flex>
      </Cell>
    ),
  },
  {
    id: 'created',
    label: 'Created',
    cell: ({ createdAt, createdBy }) => <CellText title={`${moment(createdAt)} by ${nameOfRef(createdBy)}`} />,
  },
  {
    id: 'expires',
    label: 'Expires',
    cell: ({ expiresAt }) => <CellText title={expiresAt === undefined ? 'never' : moment(expiresAt)} />,
  },
  {
    id: 'actions',
    label: 'Actions',
    cell: (key) => (
      <Cell>
        <Flex gap="2">
          {key.state === 'active' && (
            <Button
              size="small"
              variant="secondary"
              aria-label={`Rotate ${key.name}`}
              onPress={() => onAction({ kind: 'rotate', key })}
            >
              Rotate
            </Button>
          )}
          {key.state === 'overlap' && (
            <Button
              size="small"
              variant="secondary"
              aria-label={`Cut off ${key.name}`}
              onPress={() => onAction({ kind: 'cut-off', key })}
            >
              Cut off
            </Button>
          )}
          {(key.state === 'active' || key.state === 'overlap') && (
            <Button
              size="small"
              variant="secondary"
              aria-label={`Revoke ${key.name}`}
              onPress={() => onAction({ kind: 'revoke', key })}
            >
              Revoke
            </Button>
          )}
        </Flex>
      </Cell>
    ),
  },
];
