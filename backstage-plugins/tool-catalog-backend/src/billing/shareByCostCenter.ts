import type { UsageItem } from './BillingClient';
import { splitByWeight } from './splitByWeight';
import { identityOf, type Portion, type PricedItem } from './usagePortions';

/** A whole call, as allocation rules weigh it (basis points). */
const WHOLE = 10_000n;

/**
 * Who bears which part, by billing's allocation rules. What a tool costs the viewer is cut once, by all its calls and among
 * team and cost centre, as statements cut their lines: a month that the viewer sees as a whole has the amounts of the
 * statement, and every view adds up to the same cent.
 */
export const shareByCostCenter = (items: readonly PricedItem[], shares: readonly UsageItem[]): readonly Portion[] => {
  const bearersOf = readBearers(shares);
  const buckets = new Map<string, Bucket>();
  for (const { item, cost } of items) {
    const key = JSON.stringify([item.tenant, item.server, item.tool, item.outcome]);
    const bucket = buckets.get(key) ?? { item, currency: cost?.currency, calls: 0n, minor: 0n, bearers: new Map() };
    buckets.set(key, {
      ...bucket,
      calls: bucket.calls + BigInt(item.quantity),
      minor: bucket.minor + (cost?.minor ?? 0n),
    });
    weigh(bucket.bearers, item.quantity, bearersOf(item));
  }
  return [...buckets.values()]
    .filter(({ calls }) => calls > 0n)
    .flatMap(cut)
    .sort(byTenantAndName);
};

interface Bearer {
  readonly team: string;
  readonly costCenter: string;
  readonly weight: bigint;
}

/** All that one tool was called with one outcome. */
interface Bucket {
  readonly item: UsageItem;
  readonly currency: string | undefined;
  readonly calls: bigint;
  readonly minor: bigint;
  readonly bearers: Map<string, Bearer>;
}

const unallocated: readonly Bearer[] = [{ team: '', costCenter: '', weight: WHOLE }];

/** Of each item its shares of a call. Calls that came since the items were read change weights and not shares. */
const readBearers = (shares: readonly UsageItem[]): ((item: UsageItem) => readonly Bearer[]) => {
  const found = new Map<string, Bearer[]>();
  for (const share of shares) {
    const { team = '', costCenter = '', allocationWeight = 0 } = share;
    const bearers = found.get(identityOf(share)) ?? [];
    bearers.push({ team, costCenter, weight: BigInt(allocationWeight) });
    found.set(identityOf(share), bearers);
  }
  return (item) => {
    const bearers = found.get(identityOf(item)) ?? [];
    const sum = bearers.reduce((before, { weight }) => before + weight, 0n);
    return sum === 0n ? unallocated : bearers.map((bearer) => ({ ...bearer, weight: (bearer.weight * WHOLE) / sum }));
  };
};

const weigh = (into: Map<string, Bearer>, quantity: number, bearers: readonly Bearer[]): void => {
  for (const { team, costCenter, weight } of bearers) {
    const key = `${team}\n${costCenter}`;
    const before = into.get(key)?.weight ?? 0n;
    into.set(key, { team, costCenter, weight: before + BigInt(quantity) * weight });
  }
};

const cut = ({ item, currency, calls, minor, bearers }: Bucket): readonly Portion[] => {
  const sorted = [...bearers].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, bearer]) => bearer);
  const weights = sorted.map(({ weight }) => weight);
  const [quantities, amounts] = [splitByWeight(calls, weights), splitByWeight(minor, weights)];
  return sorted.map(({ costCenter }, index) => ({
    ...{ key: costCenter, tenant: item.tenant ?? '', outcome: item.outcome ?? '' },
    ...{ quantity: Number(quantities[index] ?? 0n), minor: amounts[index] ?? 0n },
    ...(currency === undefined ? {} : { currency }),
  }));
};

/** What no cost centre bears comes last. */
const byTenantAndName = (left: Portion, right: Portion): number => {
  if (left.tenant !== right.tenant) return (left.tenant ?? '') < (right.tenant ?? '') ? -1 : 1;
  if (left.key === right.key) return 0;
  if (left.key === '' || right.key === '') return left.key === '' ? 1 : -1;
  return left.key < right.key ? -1 : 1;
};
