import type { UsageReport, UsageRow } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { NO_COST_CENTER } from './groupNames';

type Table = Pick<UsageReport, 'groupBy' | 'rows'>;

/** RFC 4180, and safe to open: a text that a spreadsheet would take for a formula is written with a quote before it. */
export const toCsv = ({ groupBy, rows }: Table): string => {
  const isByCostCenter = groupBy === 'costCenter';
  return [
    [...(isByCostCenter ? ['tenant', 'cost_center'] : ['group']), 'calls', 'errors', 'refused', 'cost', 'currency'],
    ...rows.map((row) => [...(isByCostCenter ? costCenterCells(row) : [row.key]), ...amountCells(row)]),
  ]
    .map((cells) => cells.map(cell).join(','))
    .join('\r\n')
    .concat('\r\n');
};

/** Two tenants may have cost centres of one number. */
const costCenterCells = ({ tenant = '', key }: UsageRow): readonly string[] => [tenant, key || NO_COST_CENTER];

const amountCells = ({ calls, errors, refused, cost = '', currency = '' }: UsageRow): readonly string[] => [
  ...[String(calls), String(errors), String(refused)],
  ...[cost, currency],
];

const cell = (text: string): string => {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

export const downloadCsv = (month: string, report: Table): void => {
  const url = URL.createObjectURL(new Blob([toCsv(report)], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `usage-${month}-${report.groupBy}.csv`;
  link.click();
  URL.revokeObjectURL(url);
};
