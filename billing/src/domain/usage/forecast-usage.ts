import type { Period } from '../calendar/period.ts';
import type { UsageRow } from './usage-row.ts';

/** An hour of a month says nothing about the month. */
const LEAST_MILLISECONDS = 3_600_000;

/**
 * Usage of the whole period if it goes on as it did so far, in a straight line; undefined while there is too little to go by.
 * It is rated like any usage, so that tiers and allowances are those of the expected quantity.
 */
export const forecastUsage = (
  usage: readonly UsageRow[],
  { period, now }: { readonly period: Period; readonly now: number },
): readonly UsageRow[] | undefined => {
  const [start, end] = [Date.parse(period.start), Date.parse(period.end)];
  const elapsed = Math.min(now, end) - start;
  if (elapsed < LEAST_MILLISECONDS) return undefined;
  return usage.map((row) => ({ ...row, quantity: (row.quantity * BigInt(end - start)) / BigInt(elapsed) }));
};
