import type { Statement, StatementLine } from '../../domain/statements/statement.ts';

/** A line of search_orders in November 2026. */
export const line = (more: Partial<StatementLine> = {}): StatementLine => ({
  lineNo: 1,
  kind: 'usage',
  server: 'orders',
  tool: 'search_orders',
  priceVersionId: 'pv-1',
  description: 'Search orders',
  quantity: 0n,
  freeQuantity: 0n,
  amountMinor: 0n,
  outcomes: { billed: [], unbilled: [] },
  days: ['2026-11-01', '2026-11-30'],
  allocations: [],
  ...more,
});

/** Acme's November 2026 in euros; the subtotal is the sum of the lines. */
export const statement = (lines: readonly StatementLine[], more: Partial<Statement> = {}): Statement => ({
  id: 'stm_2026-11_0123456789abcdef',
  tenant: 'acme',
  tenantName: 'Acme Corporation',
  currency: 'eur',
  periodStart: '2026-11-01',
  periodEnd: '2026-12-01',
  revision: 1,
  lines,
  subtotalMinor: lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
  unpriced: [],
  unbilled: [],
  ...more,
});
