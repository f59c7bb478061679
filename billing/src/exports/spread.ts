import type { Decimal } from '../domain/money/decimal.ts';

/** A row's part of an amount: its weight, and what it costs exactly where the price of a unit is known. */
export interface SpreadPart {
  readonly weight: bigint;
  readonly exact?: Decimal;
}

/**
 * An amount over rows, without rounding any of them to cents: the exact cost where it is known, else the weight's share,
 * cut after 12 digits. The last row carries what is then missing or too much, so that the rows add up to the amount.
 */
export const spread = (total: Decimal, parts: readonly SpreadPart[]): readonly Decimal[] => {
  const weight = parts.reduce((sum, part) => sum + part.weight, 0n);
  let left = total.digits;
  return parts.map((part, index) => {
    if (index === parts.length - 1) return { digits: left };
    const share = part.exact?.digits ?? (weight === 0n ? 0n : (total.digits * part.weight) / weight);
    left -= share;
    return { digits: share };
  });
};
