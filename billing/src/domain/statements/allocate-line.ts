import type { AllocationBook, AllocationShare } from '../allocation/allocation-book.ts';
import { FULL_WEIGHT_BP } from '../allocation/allocation-rule.ts';
import { splitByWeight } from '../allocation/split-by-weight.ts';
import type { UsageRow } from '../usage/usage-row.ts';
import type { LineAllocation } from './statement.ts';

/** Weight of a team and cost centre in a line. */
export interface TeamWeight {
  readonly team: string;
  readonly costCenter: string;
  readonly weight: bigint;
}

/** Each call weighs the same, free or not: who made the calls that were free is a matter of the clock. */
export const weighUsage = (rows: readonly UsageRow[], book: AllocationBook): readonly TeamWeight[] =>
  sumWeights(rows.flatMap((row) => weighShares(book.sharesOf(row), row.quantity)));

export const weighShares = (shares: readonly AllocationShare[], quantity: bigint): readonly TeamWeight[] =>
  shares.map(({ team, costCenter, weightBp }) => ({ team, costCenter, weight: quantity * BigInt(weightBp) }));

export const sumWeights = (weights: readonly TeamWeight[]): readonly TeamWeight[] => {
  const sums = new Map<string, TeamWeight>();
  for (const { team, costCenter, weight } of weights) {
    const key = `${team}\n${costCenter}`;
    sums.set(key, { team, costCenter, weight: (sums.get(key)?.weight ?? 0n) + weight });
  }
  return [...sums].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, weight]) => weight);
};

/** Parts that add up to the line exactly; a line that nobody's calls made is unallocated. */
export const allocateLine = (
  { amountMinor, quantity }: { readonly amountMinor: bigint; readonly quantity: bigint },
  weights: readonly TeamWeight[],
): readonly LineAllocation[] => {
  const bearing = weights.filter(({ weight }) => weight > 0n);
  const teams = bearing.length > 0 ? bearing : [{ team: '', costCenter: '', weight: BigInt(FULL_WEIGHT_BP) }];
  const shares = teams.map(({ weight }) => weight);
  const amounts = splitByWeight(amountMinor, shares);
  const quantities = splitByWeight(quantity, shares);
  return teams
    .map(({ team, costCenter }, index) => ({
      team,
      costCenter,
      amountMinor: amounts[index] ?? 0n,
      quantity: quantities[index] ?? 0n,
    }))
    .filter((part) => part.amountMinor !== 0n || part.quantity !== 0n);
};
