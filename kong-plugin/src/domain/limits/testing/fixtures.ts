import type { LimitDemand } from '../demands-of.ts';
import type { LimitRule } from '../limit-rule.ts';

/** Saturday, in the middle of a month. */
export const noon = Date.UTC(2026, 7, 15, 12, 0, 0);

export const limitOf = (rule: Partial<LimitRule> & { readonly id: string }): LimitRule => ({
  kind: 'rate',
  window: 'minute',
  limit: 10,
  per: [],
  servers: ['*'],
  callers: {},
  tools: ['*'],
  giveBack: [],
  whenStoreDown: 'deny',
  shadow: false,
  ...rule,
});

export const demandOf = (demand: Partial<LimitDemand>): LimitDemand => ({
  rule: 'per-minute',
  kind: 'rate',
  key: `{t:acme}["rate",null,"per-minute",${noon}]`,
  limit: 10,
  cost: 1,
  window: 'minute',
  startsAt: noon,
  endsAt: noon + 60_000,
  whenStoreDown: 'deny',
  shadow: false,
  giveBack: [],
  scope: ['tenant'],
  ...demand,
});
