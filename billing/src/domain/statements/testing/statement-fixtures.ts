import { createPriceList } from '../../pricing/price-list.ts';
import type { PriceVersion } from '../../pricing/price-version.ts';
import type { UsageRow } from '../../usage/usage-row.ts';
import { buildStatement } from '../build-statement.ts';
import type { StatementInput } from '../statement-input.ts';
import type { Statement } from '../statement.ts';

export const march = { start: '2026-03-01', end: '2026-04-01' };

export const price = (id: string, more: Partial<PriceVersion> = {}): PriceVersion => ({
  id,
  server: 'weather',
  tool: 'forecast',
  currency: 'eur',
  price: { model: 'flat', unitAmount: '0.01' },
  billableOutcomes: ['ok'],
  effectiveFrom: '2026-01-01',
  ...more,
});

export const used = (quantity: number, more: Partial<UsageRow> = {}): UsageRow => ({
  day: '2026-03-10',
  tenant: 'acme',
  application: 'bot',
  server: 'weather',
  tool: 'forecast',
  outcome: 'ok',
  ...more,
  quantity: BigInt(quantity),
});

export type InputParts = Partial<Omit<StatementInput, 'prices' | 'tenant'>> & {
  readonly prices?: readonly PriceVersion[];
  readonly tenant?: Partial<StatementInput['tenant']>;
};

export const inputOf = ({ prices = [price('list')], tenant = {}, ...more }: InputParts = {}): StatementInput => ({
  tenant: { id: 'acme', name: 'Acme GmbH', currency: 'eur', ...tenant },
  period: march,
  revision: 1,
  usage: [],
  pools: [],
  allocationRules: [],
  adjustments: [],
  ...more,
  prices: createPriceList(prices),
});

export const built = (parts: InputParts = {}): Statement => {
  const statement = buildStatement(inputOf(parts));
  if (!statement.ok) throw new Error(JSON.stringify(statement.error));
  return statement.value;
};
