import { useState } from 'react';
import {
  Button,
  CellText,
  Cell,
  Dialog,
  DialogBody,
  DialogHeader,
  Flex,
  SearchField,
  Select,
  Table,
  Text,
  type ColumnConfig,
} from '@backstage/ui';
import type { AuditRecord } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { CatalogPage } from '../../components/CatalogPage';
import { moment } from '../../components/names';
import { NothingYet } from '../../components/NothingYet';
import { Outcome } from '../../components/Outcome';
import { StateBadge } from '../../components/StateBadge';
import { useLoad } from '../../hooks/useLoad';
import { useToolCatalog } from '../../hooks/useToolCatalog';
import { AuditDetail } from './AuditDetail';

const decisions = [
  { id: 'all', label: 'Allowed and refused' },
  { id: 'deny', label: 'Refused' },
  { id: 'allow', label: 'Allowed' },
] as const;

/** Who called what, when, with which parameters: of the viewer's servers, or of all for auditors. */
export const AuditPage = () => {
  const catalog = useToolCatalog();
  const [decision, setDecision] = useState('all');
  const [tool, setTool] = useState('');
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const [open, setOpen] = useState<AuditRecord>();
  const cursor = cursors.at(-1);
  const loaded = useLoad(
    () =>
      catalog.audit({
        ...(decision === 'all' ? {} : { decision }),
        ...(tool.trim() === '' ? {} : { tool: tool.trim() }),
        ...(cursor === undefined ? {} : { cursor }),
      }),
    JSON.stringify([decision, tool, cursor]),
  );
  const from = (change: () => void): void => {
    setCursors([]);
    change();
  };
  return (
    <CatalogPage intro="Every governed call leaves one record, refused ones too. Arguments are redacted before they are stored.">
      <Flex gap="3" align="end" style={{ flexWrap: 'wrap' }}>
        <SearchField
          label="Tool"
          placeholder="Exact name"
          value={tool}
          onChange={(text) => from(() => setTool(text))}
        />
        <Select
          label="Decision"
          options={decisions.map(({ id, label }) => ({ id, label }))}
          selectedKey={decision}
          onSelectionChange={(key) => from(() => setDecision(String(key)))}
        />
        <Button variant="secondary" isPending={loaded.isPending} onPress={loaded.reload}>
          Refresh
        </Button>
      </Flex>
      <Outcome loaded={loaded}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <NothingYet title="No records" hint="None fits, or nobody has called one of your servers yet." />
          ) : (
            <>
              <Table columnConfig={columnsOf(setOpen)} data={[...items]} pagination={{ type: 'none' }} />
              <Flex gap="3">
                <Button
                  variant="secondary"
                  isDisabled={cursors.length === 0}
                  onPress={() => setCursors(cursors.slice(0, -1))}
                >
                  Newer
                </Button>
                <Button
                  variant="secondary"
                  isDisabled={nextCursor === undefined}
                  onPress={() => nextCursor !== undefined && setCursors([...cursors, nextCursor])}
                >
                  Older
                </Button>
              </Flex>
            </>
          )
        }
      </Outcome>
      {open !== undefined && (
        <Dialog isOpen onOpenChange={(isOpen) => !isOpen && setOpen(undefined)} width={720}>
          <DialogHeader>{subjectOf(open)}</DialogHeader>
          <DialogBody>
            <AuditDetail record={open} />
          </DialogBody>
        </Dialog>
      )}
    </CatalogPage>
  );
};

/** Lists, streams and handshakes are no call of a tool. */
const subjectOf = ({ server, tool }: AuditRecord): string => (tool === '' ? server : `${server}/${tool}`);

/** What was decided, and for an allowed call also how it ended. */
const badgeOf = ({ decision, outcome }: AuditRecord): { readonly state: string; readonly label: string } => {
  if (decision === 'deny') return { state: 'deny', label: 'refused' };
  const hasFailed = outcome.endsWith('_error') || outcome === 'unknown';
  return hasFailed
    ? { state: 'failed', label: outcome.replaceAll('_', ' ') }
    : { state: 'allow', label: outcome === 'none' ? 'allowed' : outcome };
};

const columnsOf = (onOpen: (record: AuditRecord) => void): readonly ColumnConfig<AuditRecord>[] => [
  {
    id: 'time',
    label: 'Time',
    isRowHeader: true,
    cell: ({ occurredAt }) => <CellText title={moment(occurredAt)} />,
  },
  {
    id: 'who',
    label: 'Who',
    cell: ({ application, tenant, user }) => (
      <CellText title={application || 'nobody'} description={user === undefined ? tenant : `${tenant}, ${user}`} />
    ),
  },
  {
    id: 'tool',
    label: 'Tool',
    cell: ({ server, tool }) => <CellText title={tool === '' ? 'no tool' : tool} description={server} />,
  },
  {
    id: 'decision',
    label: 'Decision',
    cell: (record) => (
      <Cell>
        <StateBadge {...badgeOf(record)} />
      </Cell>
    ),
  },
  {
    id: 'why',
    label: 'Why',
    cell: ({ reason, rule }) => (
      <CellText title={reason ?? ''} description={rule === undefined ? '' : `rule ${rule}`} />
    ),
  },
  {
    id: 'more',
    label: 'Details',
    cell: (record) => (
      <Cell>
        <Button
          size="small"
          variant="tertiary"
          aria-label={`Details of ${subjectOf(record)} at ${record.occurredAt}`}
          onPress={() => onOpen(record)}
        >
          <Text>Details</Text>
        </Button>
      </Cell>
    ),
  },
];
