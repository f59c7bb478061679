import type { PriceRecord, TierRecord } from '../state/records.ts';
import { divideQuantity, fromScaled, multiplyToMinor, toSafeNumber, toScaled, type Scaled } from './decimal.ts';

/** One line's worth of a rated quantity. */
export interface RatedPart {
  /** Stable within an item from one rating to the next. */
  readonly key: string;
  readonly quantity: string;
  readonly unitAmount: string | null;
  readonly amount: number;
  readonly label: string;
}

/**
 * What a price makes of a quantity: one part, or for tiered prices one part per tier that was reached and one per flat
 * fee, as Stripe's invoices list them. Each part is rounded once.
 */
export function rate(price: PriceRecord, quantityText: string): RatedPart[] {
  const quantity = toScaled(quantityText);
  if (price.tiers === null) return [ratePerUnit(price, quantity)];
  const parts = price.tiersMode === 'volume' ? rateVolume(price.tiers, quantity) : rateGraduated(price.tiers, quantity);
  return parts.length > 0 ? parts : [{ key: 'none', quantity: '0', unitAmount: null, amount: 0, label: '' }];
}

function ratePerUnit(price: PriceRecord, quantity: Scaled): RatedPart {
  const billed = price.transform ? divideQuantity(quantity, price.transform.divideBy, price.transform.round) : quantity;
  const unitAmount = price.unitAmount ?? '0';
  return {
    key: 'unit',
    // The line shows the quantity that was used; the amount is that of the packages it makes.
    quantity: fromScaled(quantity),
    unitAmount,
    amount: toSafeNumber(multiplyToMinor(billed, toScaled(unitAmount))),
    label: '',
  };
}

function rateVolume(tiers: readonly TierRecord[], quantity: Scaled): RatedPart[] {
  if (quantity === 0n) return [];
  const index = tiers.findIndex((tier) => tier.upTo === null || quantity <= toScaled(tier.upTo));
  const tier = tiers[index];
  return tier ? partsOf(tier, index, quantity) : [];
}

function rateGraduated(tiers: readonly TierRecord[], quantity: Scaled): RatedPart[] {
  const parts: RatedPart[] = [];
  let below = 0n;
  for (const [index, tier] of tiers.entries()) {
    if (quantity <= below) break;
    const upTo = tier.upTo === null ? quantity : toScaled(tier.upTo);
    parts.push(...partsOf(tier, index, (quantity < upTo ? quantity : upTo) - below));
    below = upTo;
  }
  return parts;
}

function partsOf(tier: TierRecord, index: number, quantity: Scaled): RatedPart[] {
  const unitAmount = tier.unitAmount ?? '0';
  const amount = toSafeNumber(multiplyToMinor(quantity, toScaled(unitAmount)));
  const label = `Tier ${index + 1}`;
  const units: RatedPart = { key: `tier-${index}`, quantity: fromScaled(quantity), unitAmount, amount, label };
  if (tier.flatAmount === null) return [units];
  const flat = toSafeNumber(multiplyToMinor(toScaled(1), toScaled(tier.flatAmount)));
  return [
    units,
    { key: `tier-${index}-flat`, quantity: '1', unitAmount: tier.flatAmount, amount: flat, label: `${label} flat fee` },
  ];
}
