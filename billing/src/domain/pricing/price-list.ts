import { addDays, type Day } from '../calendar/day.ts';
import { lastDayOf, type Period } from '../calendar/period.ts';
import type { Issue } from '../issue.ts';
import type { Currency } from '../money/currency.ts';
import type { Result } from '../result.ts';
import { compileModel } from './models/compile-model.ts';
import type { Rating } from './models/rating.ts';
import type { PriceVersion } from './price-version.ts';

/** Which tool of which tenant is to be priced. Prices in other currencies than the tenant's do not exist for it. */
export interface PricedSubject {
  readonly tenant: string;
  readonly currency: Currency;
  readonly server: string;
  readonly tool: string;
}

/** Consecutive days on which one version, or none, is in force. */
export interface PriceRun {
  readonly version?: PriceVersion;
  readonly first: Day;
  readonly last: Day;
}

export interface PriceList {
  /** The version that prices the subject on the day; undefined when nothing does: the tool is unpriced. */
  readonly inForce: (subject: PricedSubject, day: Day) => PriceVersion | undefined;
  /** The period cut where the price changes. One run, unless it changes mid-period. */
  readonly runsOf: (subject: PricedSubject, period: Period) => readonly PriceRun[];
  /** The version's model, read once. An issue here is a row that was not written by the price book's store. */
  readonly ratingOf: (version: PriceVersion) => Result<Rating, readonly Issue[]>;
}

/**
 * Which price holds, stated here only: the tenant's price beats the list, within each the exact tool beats `*`, and within
 * such a scope the version that began last on or before the day decides. When that one has ended (`effectiveTo`), its
 * scope has no price that day and the next scope is asked: a tenant's special price that runs out gives way to the list.
 */
export const createPriceList = (versions: readonly PriceVersion[]): PriceList => {
  const scopes = new Map<string, PriceVersion[]>();
  for (const version of versions) {
    const key = scopeKey(version);
    const scope = scopes.get(key);
    if (scope === undefined) scopes.set(key, [version]);
    else scope.push(version);
  }
  for (const scope of scopes.values()) scope.sort(byStartLatestFirst);

  const scopesFor = ({ tenant, currency, server, tool }: PricedSubject): readonly (readonly PriceVersion[])[] =>
    [
      { tenant, server, tool, currency },
      { tenant, server, tool: '*', currency },
      { server, tool, currency },
      { server, tool: '*', currency },
    ].flatMap((scope) => {
      const found = scopes.get(scopeKey(scope));
      return found === undefined ? [] : [found];
    });

  const ratings = new Map<PriceVersion, Result<Rating, readonly Issue[]>>();
  return {
    inForce: (subject, day) => decide(scopesFor(subject), day),
    runsOf: (subject, period) => {
      const candidates = scopesFor(subject);
      return toRuns(cutsOf(candidates.flat(), period), { period, decideOn: (day) => decide(candidates, day) });
    },
    ratingOf: (version) => {
      const rating = ratings.get(version) ?? compileModel(version.price, `price ${version.id}`);
      ratings.set(version, rating);
      return rating;
    },
  };
};

/** Something that holds from a day on, and to a day. */
type Effective = Pick<PriceVersion, 'effectiveFrom' | 'effectiveTo'>;

/** The days of the period on which something begins or ends, and its first day. */
export const cutsOf = (versions: readonly Effective[], { start, end }: Period): readonly Day[] => {
  const changes = versions.flatMap(({ effectiveFrom, effectiveTo }) =>
    effectiveTo === undefined ? [effectiveFrom] : [effectiveFrom, effectiveTo],
  );
  return [...new Set([start, ...changes.filter((day) => day > start && day < end)])].sort();
};

const toRuns = (
  cuts: readonly Day[],
  { period, decideOn }: { readonly period: Period; readonly decideOn: (day: Day) => PriceVersion | undefined },
): readonly PriceRun[] => {
  const runs: PriceRun[] = [];
  cuts.forEach((first, index) => {
    const next = cuts[index + 1];
    const last = next === undefined ? lastDayOf(period) : addDays(next, -1);
    const version = decideOn(first);
    const before = runs.at(-1);
    if (before !== undefined && before.version?.id === version?.id) runs[runs.length - 1] = { ...before, last };
    else runs.push({ first, last, ...(version === undefined ? {} : { version }) });
  });
  return runs;
};

const decide = (scopes: readonly (readonly PriceVersion[])[], day: Day): PriceVersion | undefined => {
  for (const scope of scopes) {
    const latest = scope.find(({ effectiveFrom }) => effectiveFrom <= day);
    if (latest !== undefined && (latest.effectiveTo === undefined || day < latest.effectiveTo)) return latest;
  }
  return undefined;
};

/** Names may hold any character but a line feed, which no id in a policy or a price document may. */
const scopeKey = ({
  tenant,
  server,
  tool,
  currency,
}: Pick<PriceVersion, 'tenant' | 'server' | 'tool' | 'currency'>): string =>
  [tenant === undefined ? '' : `=${tenant}`, server, tool, currency].join('\n');

/** Ids break a tie that the store refuses, so that the order of rows never decides a price. */
const byStartLatestFirst = (left: PriceVersion, right: PriceVersion): number => {
  if (left.effectiveFrom !== right.effectiveFrom) return left.effectiveFrom < right.effectiveFrom ? 1 : -1;
  return left.id < right.id ? 1 : -1;
};
