import { formatMinor } from '../domain/money/money.ts';
import type { LineAllocation, Statement, StatementLine } from '../domain/statements/statement.ts';
import { toCsv, toExportFile, type CsvColumn, type ExportFile } from './csv.ts';

interface LineRow {
  readonly statement: Statement;
  readonly line: StatementLine;
}

interface AllocationRow extends LineRow {
  readonly allocation: LineAllocation;
}

const shared: readonly CsvColumn<LineRow>[] = [
  { name: 'StatementId', kind: 'text', value: ({ statement }) => statement.id },
  { name: 'Tenant', kind: 'text', value: ({ statement }) => statement.tenant },
  { name: 'PeriodStart', kind: 'text', value: ({ statement }) => statement.periodStart },
  { name: 'PeriodEnd', kind: 'text', value: ({ statement }) => statement.periodEnd },
  { name: 'Line', kind: 'number', value: ({ line }) => BigInt(line.lineNo) },
  { name: 'Kind', kind: 'text', value: ({ line }) => line.kind },
  { name: 'Server', kind: 'text', value: ({ line }) => line.server },
  { name: 'Tool', kind: 'text', value: ({ line }) => line.tool },
];

const lineColumns: readonly CsvColumn<LineRow>[] = [
  ...shared,
  { name: 'Description', kind: 'text', value: ({ line }) => line.description },
  { name: 'FirstDay', kind: 'text', value: ({ line }) => line.days[0] },
  { name: 'LastDay', kind: 'text', value: ({ line }) => line.days[1] },
  { name: 'PriceVersion', kind: 'text', value: ({ line }) => line.priceVersionId },
  { name: 'Quantity', kind: 'number', value: ({ line }) => line.quantity },
  { name: 'FreeQuantity', kind: 'number', value: ({ line }) => line.freeQuantity },
  { name: 'UnitAmount', kind: 'number', value: ({ line }) => line.unitAmount },
  { name: 'Amount', kind: 'number', value: ({ statement, line }) => formatMinor(line.amountMinor, statement.currency) },
  { name: 'Currency', kind: 'text', value: ({ statement }) => statement.currency.toUpperCase() },
  { name: 'EvidenceSha256', kind: 'text', value: ({ line }) => line.evidenceSha256 },
];

const allocationColumns: readonly CsvColumn<AllocationRow>[] = [
  ...shared,
  { name: 'Team', kind: 'text', value: ({ allocation }) => allocation.team },
  { name: 'CostCenter', kind: 'text', value: ({ allocation }) => allocation.costCenter },
  { name: 'Quantity', kind: 'number', value: ({ allocation }) => allocation.quantity },
  {
    name: 'Amount',
    kind: 'number',
    value: ({ statement, allocation }) => formatMinor(allocation.amountMinor, statement.currency),
  },
  { name: 'Currency', kind: 'text', value: ({ statement }) => statement.currency.toUpperCase() },
];

/** A row per line; the column Amount adds up to the subtotal. */
export const toStatementCsv = (statement: Statement): ExportFile =>
  toExportFile({
    name: `${statement.id}.csv`,
    mediaType: 'text/csv; charset=utf-8',
    text: toCsv(
      lineColumns,
      statement.lines.map((line) => ({ statement, line })),
    ),
  });

/** A row per line and team; for each line the column Amount adds up to the line. */
export const toAllocationCsv = (statement: Statement): ExportFile =>
  toExportFile({
    name: `${statement.id}-teams.csv`,
    mediaType: 'text/csv; charset=utf-8',
    text: toCsv(
      allocationColumns,
      statement.lines.flatMap((line) => line.allocations.map((allocation) => ({ statement, line, allocation }))),
    ),
  });
