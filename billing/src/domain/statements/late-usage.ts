import type { MinorUnits } from '../money/currency.ts';
import { byTool } from './group-usage.ts';
import type { Statement, StatementLine } from './statement.ts';

/** What usage that arrived after sealing changes about one tool. */
export interface LateDifference {
  /** Absent: the tenant's minimum. */
  readonly server?: string;
  readonly tool?: string;
  /** First day of the lines that differ. */
  readonly day: string;
  readonly quantityDelta: bigint;
  readonly amountMinor: MinorUnits;
}

/**
 * The sealed statement against the same period rated again with today's usage and the same prices, per tool: a later call
 * may move the ones after it into another tier or out of an allowance, so single events have no price of their own. What
 * earlier adjustments made up for counts as billed. Corrections and unpriced tools are left out on both sides.
 */
export const lateDifferences = ({
  sealed,
  rerated,
  adjusted,
}: {
  readonly sealed: Statement;
  readonly rerated: Statement;
  /** Adjustments for late usage of this statement so far. */
  readonly adjusted: readonly LateDifference[];
}): readonly LateDifference[] => {
  const before = sumByTool([...sealed.lines.filter(isRated).map(toDifference), ...adjusted]);
  const now = sumByTool(rerated.lines.filter(isRated).map(toDifference));
  const keys = [...new Set([...before.keys(), ...now.keys()])];
  return keys
    .flatMap((key): readonly LateDifference[] => {
      const [was, is] = [before.get(key), now.get(key)];
      const known = is ?? was;
      if (known === undefined) return [];
      const quantityDelta = (is?.quantityDelta ?? 0n) - (was?.quantityDelta ?? 0n);
      const amountMinor = (is?.amountMinor ?? 0n) - (was?.amountMinor ?? 0n);
      return quantityDelta === 0n && amountMinor === 0n ? [] : [{ ...known, quantityDelta, amountMinor }];
    })
    .sort((left, right) => byTool(keyOf(left), keyOf(right)));
};

const isRated = ({ kind }: StatementLine): boolean => kind !== 'adjustment';

const toDifference = ({ server, tool, days, quantity, amountMinor }: StatementLine): LateDifference => ({
  ...(server === undefined ? {} : { server }),
  ...(tool === undefined ? {} : { tool }),
  day: days[0],
  quantityDelta: quantity,
  amountMinor,
});

const sumByTool = (differences: readonly LateDifference[]): ReadonlyMap<string, LateDifference> => {
  const sums = new Map<string, LateDifference>();
  for (const difference of differences) {
    const { server, tool } = keyOf(difference);
    const key = `${server}\n${tool}`;
    const known = sums.get(key);
    sums.set(
      key,
      known === undefined
        ? difference
        : {
            ...known,
            quantityDelta: known.quantityDelta + difference.quantityDelta,
            amountMinor: known.amountMinor + difference.amountMinor,
          },
    );
  }
  return sums;
};

const keyOf = ({ server = '', tool = '' }: LateDifference): { readonly server: string; readonly tool: string } => ({
  server,
  tool,
});
