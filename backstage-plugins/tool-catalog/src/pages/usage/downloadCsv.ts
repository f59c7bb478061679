import type { UsageReport } from '@mcp-governance/backstage-plugin-tool-catalog-common';

/** RFC 4180, and safe to open: a text that a spreadsheet would take for a formula is written with a quote before it. */
export const toCsv = ({ rows }: Pick<UsageReport, 'rows'>): string =>
  [
    ['group', 'calls', 'errors', 'refused', 'cost', 'currency'],
    ...rows.map(({ key, calls, errors, refused, cost = '', currency = '' }) => [
      key,
      String(calls),
      String(errors),
      String(refused),
      cost,
      currency,
    ]),
  ]
    .map((cells) => cells.map(cell).join(','))
    .join('\r\n')
    .concat('\r\n');

const cell = (text: string): string => {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

export const downloadCsv = (name: string, report: Pick<UsageReport, 'rows'>): void => {
  const url = URL.createObjectURL(new Blob([toCsv(report)], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
};
