import { CellText, Table, useTable, type ColumnConfig } from '@backstage/ui';
import type { UsageGrouping, UsageReport, UsageRow } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { count } from '../../components/names';
import { groupLabels, nameOfRow } from './groupNames';

type Row = UsageRow & { readonly id: string };

const tenantColumn: ColumnConfig<Row> = {
  ...{ id: 'tenant', label: 'Tenant' },
  cell: ({ tenant }) => <CellText title={tenant || 'not attributed'} />,
};

const columnsOf = (groupBy: UsageGrouping): readonly ColumnConfig<Row>[] => [
  {
    id: 'key',
    label: groupLabels[groupBy],
    isRowHeader: true,
    isSortable: true,
    defaultWidth: '2fr',
    cell: (row) => <CellText title={nameOfRow(row, groupBy)} />,
  },
  ...(groupBy === 'costCenter' ? [tenantColumn] : []),
  { id: 'calls', label: 'Calls', isSortable: true, cell: ({ calls }) => <CellText title={count(calls)} /> },
  { id: 'errors', label: 'Errors', isSortable: true, cell: ({ errors }) => <CellText title={count(errors)} /> },
  { id: 'refused', label: 'Refused', isSortable: true, cell: ({ refused }) => <CellText title={count(refused)} /> },
  {
    id: 'cost',
    label: 'Cost',
    cell: ({ cost, currency }) => (
      <CellText title={cost === undefined ? '-' : `${cost} ${(currency ?? '').toUpperCase()}`} />
    ),
  },
];

export const UsageTable = ({ report: { rows, groupBy } }: { readonly report: UsageReport }) => {
  const { tableProps } = useTable<Row>({
    mode: 'complete',
    data: rows.map((row) => ({ ...row, id: JSON.stringify([row.key, row.tenant, row.currency]) })),
    paginationOptions: { pageSize: 20 },
    sortFn: (data, { column, direction }) => {
      const factor = direction === 'descending' ? -1 : 1;
      const compare = (left: Row, right: Row): number =>
        column === 'key'
          ? left.key.localeCompare(right.key)
          : left[column as 'calls' | 'errors' | 'refused'] - right[column as 'calls' | 'errors' | 'refused'];
      return [...data].sort((left, right) => factor * compare(left, right));
    },
  });
  return <Table {...tableProps} columnConfig={columnsOf(groupBy)} emptyState="No calls." />;
};
