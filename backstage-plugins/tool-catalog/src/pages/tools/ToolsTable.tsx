import { Cell, CellText, Flex, Table, Text, useTable, type ColumnConfig } from '@backstage/ui';
import type { ToolSummary } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { kindName, nameOfRef } from '../../components/names';
import { StateBadge } from '../../components/StateBadge';

type Row = ToolSummary & { readonly id: string };

/** Descriptions come from servers and may be hostile: plain text, one line. */
const columns: readonly ColumnConfig<Row>[] = [
  {
    id: 'tool',
    label: 'Tool',
    isRowHeader: true,
    isSortable: true,
    defaultWidth: '2fr',
    cell: ({ tool, title, description }) => <CellText title={tool} description={title || description.slice(0, 120)} />,
  },
  {
    id: 'server',
    label: 'Server',
    isSortable: true,
    cell: ({ server, kind }) => <CellText title={server} description={kindName(kind)} />,
  },
  { id: 'owner', label: 'Owner', isSortable: true, cell: ({ owner }) => <CellText title={nameOfRef(owner)} /> },
  {
    id: 'plans',
    label: 'Plans',
    cell: ({ plans }) => <CellText title={plans.map(({ name }) => name).join(', ') || 'none'} />,
  },
  { id: 'price', label: 'Price', cell: ({ price }) => <CellText title={price?.text ?? 'no price'} /> },
  {
    id: 'access',
    label: 'My access',
    cell: ({ myAccess }) => (
      <Cell>
        <Flex direction="column" gap="1" align="start">
          {myAccess.length === 0 ? (
            <Text color="secondary">none</Text>
          ) : (
            myAccess.map(({ application, state }) => (
              <StateBadge key={application} state={state} label={`${application}: ${state}`} />
            ))
          )}
        </Flex>
      </Cell>
    ),
  },
];

interface ToolsTableProps {
  readonly tools: readonly ToolSummary[];
  readonly isFiltered: boolean;
}

export const ToolsTable = ({ tools, isFiltered }: ToolsTableProps) => {
  const { tableProps } = useTable<Row>({
    mode: 'complete',
    data: tools.map((tool) => ({ ...tool, id: tool.ref })),
    paginationOptions: { pageSize: 20 },
    sortFn: (rows, { column, direction }) => {
      const factor = direction === 'descending' ? -1 : 1;
      const key = column as 'tool' | 'server' | 'owner';
      return [...rows].sort((left, right) => factor * left[key].localeCompare(right[key]));
    },
  });
  return (
    <Table
      {...tableProps}
      columnConfig={columns}
      rowConfig={{ getHref: ({ server, tool }) => `/tools/${encodeURIComponent(server)}/${encodeURIComponent(tool)}` }}
      emptyState={
        isFiltered
          ? 'No tool fits. Use fewer words, or choose "Any" access.'
          : 'No tools yet. Servers appear here when Kong has a service tagged "mcp" or "rest".'
      }
    />
  );
};
