import type { Statement, StatementLine } from '../../domain/statements/statement.ts';

/** A sealed statement over 2.50 EUR a line: 1,000 units at 0.0025. */
export const sealedStatement = (lineCount: number, more: Partial<Statement> = {}): Statement => {
  const lines = Array.from({ length: lineCount }, (_, index) => statementLine(index + 1));
  return withLines({ ...base, sealSha256: 'ab'.repeat(32), ...more }, more.lines ?? lines);
};

export const withLines = (
  statement: Omit<Statement, 'lines' | 'subtotalMinor'>,
  lines: readonly StatementLine[],
): Statement => ({
  ...statement,
  lines,
  subtotalMinor: lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
});

export const statementLine = (lineNo: number, more: Partial<StatementLine> = {}): StatementLine => ({
  lineNo,
  kind: 'usage',
  server: 'web',
  tool: `tool-${lineNo}`,
  priceVersionId: `prc_${lineNo}`,
  description: `web/tool-${lineNo}: 1,000 calls at 0.0025 EUR`,
  quantity: 1_000n,
  freeQuantity: 0n,
  unitAmount: '0.0025',
  amountMinor: 250n,
  outcomes: { billed: [{ outcome: 'ok', quantity: 1_000n }], unbilled: [] },
  days: ['2026-10-01', '2026-10-31'],
  allocations: [],
  evidenceSha256: 'cd'.repeat(32),
  ...more,
});

const base: Omit<Statement, 'lines' | 'subtotalMinor'> = {
  id: 'stm_202610_0123456789abcdef',
  tenant: 'acme',
  tenantName: 'Acme',
  currency: 'eur',
  periodStart: '2026-10-01',
  periodEnd: '2026-11-01',
  revision: 1,
  unpriced: [],
  unbilled: [],
};
