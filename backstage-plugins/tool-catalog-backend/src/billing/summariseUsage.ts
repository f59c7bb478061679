import type { UsageGrouping, UsageReport, UsageRow } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import type { AccrualItem, UsageItem } from './BillingClient';
import { shareByCostCenter } from './shareByCostCenter';
import { identityOf, type Cost, type Portion, type PricedItem } from './usagePortions';

export interface UsageInput {
  /** Grouped by tenant, application, server, tool, outcome and day; only what the viewer may see. */
  readonly usage: readonly UsageItem[];
  /** Of all tenants that occur, with all of their usage: shares are taken of it. */
  readonly accruals: readonly AccrualItem[];
  /** All usage of those tenants, to know the viewer's share; the same as `usage` for whoever sees everything. */
  readonly wholeUsage: readonly UsageItem[];
  readonly groupBy: UsageGrouping;
  readonly teamOf: (application: string) => string;
  /** The same usage grouped by team and cost centre as well; needed to group by cost centre. */
  readonly shares?: readonly UsageItem[];
}

/** Outcomes of calls that the server did not do, or did with an error. */
const errors: ReadonlySet<string> = new Set(['tool_error', 'rpc_error', 'upstream_error', 'not_executed']);
const refusals: ReadonlySet<string> = new Set(['refused', 'guard_refused']);

/**
 * Calls and cost by group. A tool's amount is rated for the tenant as a whole (tiers, free units), so a part of its calls
 * bears the same part of the amount; all parts of a tool add up to it to the smallest unit.
 */
export const summariseUsage = (input: UsageInput): Omit<UsageReport, 'from' | 'to'> => {
  const all = sumPortions(portionsOf(input));
  return {
    groupBy: input.groupBy,
    rows: all.map(({ minor, ...row }) =>
      row.currency === undefined ? row : { ...row, cost: minorToText(minor, row.currency) },
    ),
    totals: totalsOf(all, input),
    calls: all.reduce((sum, { calls }) => sum + calls, 0),
    unpriced: unpricedOf(input),
  };
};

type Sum = UsageRow & { readonly minor: bigint };

const sumPortions = (portions: readonly Portion[]): readonly Sum[] => {
  const sums = new Map<string, Sum>();
  for (const { key, tenant, outcome, quantity, minor, currency } of portions) {
    const of = {
      ...{ key, ...(tenant === undefined ? {} : { tenant }) },
      ...(currency === undefined ? {} : { currency }),
    };
    const identity = JSON.stringify([tenant, key, currency]);
    const before = sums.get(identity) ?? { ...of, calls: 0, errors: 0, refused: 0, minor: 0n };
    sums.set(identity, {
      ...before,
      calls: before.calls + (refusals.has(outcome) ? 0 : quantity),
      errors: before.errors + (errors.has(outcome) ? quantity : 0),
      refused: before.refused + (refusals.has(outcome) ? quantity : 0),
      minor: before.minor + minor,
    });
  }
  return [...sums.values()];
};

const portionsOf = (input: UsageInput): readonly Portion[] => {
  const { groupBy, shares = [], teamOf } = input;
  const items = priceItems(input);
  if (groupBy === 'costCenter') return shareByCostCenter(items, shares);
  return items.map(({ item, cost }) => ({
    key: keyOf(item, { groupBy, teamOf }),
    ...{ outcome: item.outcome ?? '', quantity: item.quantity, minor: cost?.minor ?? 0n },
    ...(cost === undefined ? {} : { currency: cost.currency }),
  }));
};

const keyOf = (
  item: UsageItem,
  { groupBy, teamOf }: { readonly groupBy: Exclude<UsageGrouping, 'costCenter'> } & Pick<UsageInput, 'teamOf'>,
): string => {
  switch (groupBy) {
    case 'tool':
      return `${item.server ?? ''}/${item.tool ?? ''}`;
    case 'application':
      return item.application ?? '';
    case 'team':
      return teamOf(item.application ?? '');
    case 'day':
      return item.day ?? '';
  }
};

/**
 * Of every item its part of the tool's amount, by its part of the tool's billed calls. The parts of all usage are cut by
 * running sums, so that they add up exactly; a viewer who sees some of them sees the same parts.
 */
const priceItems = ({ usage, wholeUsage, accruals }: UsageInput): readonly PricedItem[] => {
  const parts = new Map<string, Cost>();
  for (const { tenant, currency, tools } of accruals)
    for (const { server, tool, amount } of tools) {
      const billed = wholeUsage.filter(
        (item) => item.tenant === tenant && item.server === server && item.tool === tool && item.outcome === 'ok',
      );
      const total = BigInt(billed.reduce((sum, { quantity }) => sum + quantity, 0));
      let before = 0n;
      let given = 0n;
      for (const item of billed) {
        before += BigInt(item.quantity);
        const upTo = total === 0n ? 0n : (BigInt(amount.minor) * before) / total;
        parts.set(identityOf(item), { minor: upTo - given, currency });
        given = upTo;
      }
    }
  const currencies = new Map(accruals.map(({ tenant, currency }) => [tenant, currency]));
  return usage.map((item) => {
    const currency = currencies.get(item.tenant ?? '');
    const free = currency === undefined ? undefined : { minor: 0n, currency };
    return { item, cost: parts.get(identityOf(item)) ?? free };
  });
};

const totalsOf = (rows: readonly Sum[], { accruals, usage, wholeUsage }: UsageInput): UsageReport['totals'] => {
  const sums = new Map<string, bigint>();
  for (const { currency, minor } of rows)
    if (currency !== undefined) sums.set(currency, (sums.get(currency) ?? 0n) + minor);
  // A forecast is of the whole tenant: for a part of it there is none.
  const seesAll = usage.length === wholeUsage.length;
  return [...sums].map(([currency, minor]) => {
    const forecasts = accruals.filter((item) => item.currency === currency).map(({ forecast }) => forecast);
    const known = forecasts.every((forecast) => forecast !== undefined);
    return {
      currency,
      cost: minorToText(minor, currency),
      ...(seesAll && known
        ? {
            forecast: minorToText(
              forecasts.reduce((sum, forecast) => sum + BigInt(forecast?.minor ?? 0), 0n),
              currency,
            ),
          }
        : {}),
    };
  });
};

/** Only what the viewer called. */
const unpricedOf = ({ accruals, usage }: UsageInput): UsageReport['unpriced'] => {
  const unpriced = new Set(
    accruals.flatMap(({ tenant, unpriced: tools }) =>
      tools.map(({ server, tool }) => JSON.stringify([tenant, server, tool])),
    ),
  );
  const calls = new Map<string, { server: string; tool: string; calls: number }>();
  for (const { tenant, server = '', tool = '', outcome, quantity } of usage) {
    if (outcome !== 'ok' || !unpriced.has(JSON.stringify([tenant, server, tool]))) continue;
    const key = `${server}/${tool}`;
    calls.set(key, { server, tool, calls: (calls.get(key)?.calls ?? 0) + quantity });
  }
  return [...calls.values()];
};

/** Currencies without cents, and with thousandths (ISO 4217). */
const decimals: Readonly<Record<string, number>> = {
  ...{ bif: 0, clp: 0, djf: 0, gnf: 0, jpy: 0, kmf: 0, krw: 0, mga: 0, pyg: 0, rwf: 0, ugx: 0, vnd: 0, vuv: 0, xaf: 0 },
  ...{ xof: 0, xpf: 0, bhd: 3, jod: 3, kwd: 3, omr: 3, tnd: 3 },
};

export const minorToText = (minor: bigint, currency: string): string => {
  const places = decimals[currency.toLowerCase()] ?? 2;
  const sign = minor < 0n ? '-' : '';
  const digits = String(minor < 0n ? -minor : minor).padStart(places + 1, '0');
  return places === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
};
