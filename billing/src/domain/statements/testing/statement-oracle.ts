import Big from 'big.js';
import type { PriceVersion } from '../../pricing/price-version.ts';
import { oracleAmount } from '../../pricing/testing/price-oracle.ts';
import type { StatementInput } from '../statement-input.ts';

/** What an oracle says about one line; lines without billable calls are not in it. */
export interface OracleLine {
  readonly server: string;
  readonly tool: string;
  readonly version: string;
  readonly first: string;
  quantity: number;
  free: number;
  readonly price: PriceVersion;
}

/**
 * The usage lines of a statement from the rules in words: each call is walked by itself, in the order of day, server and
 * tool. `versions` are those of the input's price list. Pools are by id, one version each. For small quantities.
 */
export const oracleLines = (
  { usage, tenant, period, pools }: StatementInput,
  versions: readonly PriceVersion[],
): readonly (OracleLine & { readonly amount: string })[] => {
  const lines = new Map<string, OracleLine>();
  const ownUsed = new Map<string, number>();
  const poolUsed = new Map<string, number>();
  const calls = usage
    .flatMap((row) => Array.from({ length: Number(row.quantity) }, () => row))
    .sort((a, b) => compare(`${a.day}|${a.server}|${a.tool}`, `${b.day}|${b.server}|${b.tool}`));
  for (const { day, server, tool, outcome } of calls) {
    const price = priceOn({ day, server, tool, tenant: tenant.id, currency: tenant.currency }, versions);
    if (price === undefined || !price.billableOutcomes.includes(outcome)) continue;
    let first = day;
    while (first > period.start) {
      const before = new Date(Date.parse(first) - 86_400_000).toISOString().slice(0, 10);
      const other = priceOn({ day: before, server, tool, tenant: tenant.id, currency: tenant.currency }, versions);
      if (other?.id !== price.id) break;
      first = before;
    }
    const key = `${server}|${tool}|${first}`;
    const line = lines.get(key) ?? { server, tool, version: price.id, first, quantity: 0, free: 0, price };
    lines.set(key, line);
    line.quantity += 1;
    const own = ownUsed.get(`${server}|${tool}`) ?? 0;
    const pool = pools.find(({ id }) => id === price.pool);
    if (own < Number(price.freeUnits ?? 0n)) {
      ownUsed.set(`${server}|${tool}`, own + 1);
      line.free += 1;
    } else if (pool !== undefined && (poolUsed.get(pool.id) ?? 0) < Number(pool.units)) {
      poolUsed.set(pool.id, (poolUsed.get(pool.id) ?? 0) + 1);
      line.free += 1;
    }
  }
  return [...lines.values()].map((line) => ({
    ...line,
    amount: new Big(oracleAmount(line.price.price, line.quantity - line.free))
      .times(tenant.currency === 'jpy' ? 1 : 100)
      .round(0, Big.roundHalfUp)
      .toFixed(0),
  }));
};

const compare = (left: string, right: string): number => (left === right ? 0 : left < right ? -1 : 1);

/** Candidates by precedence, spelled out. */
const priceOn = (
  subject: {
    readonly day: string;
    readonly server: string;
    readonly tool: string;
    readonly tenant: string;
    readonly currency: string;
  },
  versions: readonly PriceVersion[],
): PriceVersion | undefined => {
  for (const tenant of [subject.tenant, undefined])
    for (const tool of [subject.tool, '*']) {
      let best: PriceVersion | undefined;
      for (const version of versions) {
        const isCandidate =
          version.tenant === tenant &&
          version.tool === tool &&
          version.server === subject.server &&
          version.currency === subject.currency &&
          version.effectiveFrom <= subject.day;
        if (isCandidate && (best === undefined || version.effectiveFrom > best.effectiveFrom)) best = version;
      }
      if (best !== undefined && (best.effectiveTo === undefined || best.effectiveTo > subject.day)) return best;
    }
  return undefined;
};
