import type { Issue } from '../../issue.ts';
import { DECIMAL_ZERO, parseDecimal, type Decimal } from '../../money/decimal.ts';
import { failure, success, type Result } from '../../result.ts';
import type { PriceTier } from '../price-version.ts';

/** More steps than any price list has; a statement explains each of them. */
export const MAX_TIERS = 100;

export interface ReadTier {
  /** Units below the tier. */
  readonly above: bigint;
  readonly upTo?: bigint;
  readonly unitAmount: Decimal;
  readonly flatAmount: Decimal;
}

export const readTiers = (tiers: readonly PriceTier[], path: string): Result<readonly ReadTier[], readonly Issue[]> => {
  if (tiers.length === 0 || tiers.length > MAX_TIERS)
    return failure([{ path: `${path}.tiers`, problem: `Must have 1 to ${MAX_TIERS} tiers, not ${tiers.length}.` }]);
  const issues: Issue[] = [];
  const amount = (text: string, at: string): Decimal => {
    const read = parseDecimal(text, at);
    if (read.ok) return read.value;
    issues.push(read.error);
    return DECIMAL_ZERO;
  };
  let above = 0n;
  const read = tiers.map((tier, index): ReadTier => {
    const at = `${path}.tiers[${index}]`;
    issues.push(...checkBound(tier, { at, above, isLast: index === tiers.length - 1 }));
    const unitAmount = amount(tier.unitAmount, `${at}.unit_amount`);
    const flatAmount = tier.flatAmount === undefined ? DECIMAL_ZERO : amount(tier.flatAmount, `${at}.flat_amount`);
    const readTier = { above, unitAmount, flatAmount, ...(tier.upTo === undefined ? {} : { upTo: tier.upTo }) };
    above = tier.upTo ?? above;
    return readTier;
  });
  return issues.length > 0 ? failure(issues) : success(read);
};

const checkBound = (
  { upTo }: PriceTier,
  { at, above, isLast }: { readonly at: string; readonly above: bigint; readonly isLast: boolean },
): readonly Issue[] => {
  const path = `${at}.up_to`;
  if (isLast && upTo !== undefined)
    return [
      { path, problem: 'The last tier has no end.', suggestion: 'Leave it out, or add a tier for what lies above.' },
    ];
  if (isLast) return [];
  if (upTo === undefined) return [{ path, problem: 'Is missing: only the last tier has no end.' }];
  return upTo > above ? [] : [{ path, problem: `Must be above ${above}, where the tier before ends, not ${upTo}.` }];
};

/** The tier of the unit, counted from 1. */
export const tierOf = (tiers: readonly ReadTier[], unit: bigint): ReadTier | undefined =>
  tiers.find(({ upTo }) => upTo === undefined || unit <= upTo);
