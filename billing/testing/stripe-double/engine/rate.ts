import type { PriceRecord, TierRecord } from '../state/records.ts';
import {
  divideQuantity,
  fromScaled,
  multiplyToMinor,
  roundHalfUp,
  toSafeNumber,
  toScaled,
  type Scaled,
} from './decimal.ts';

/** One line's worth of a rated quantity. */
export interface RatedPart {
  /** Stable within an item from one rating to the next. */
  readonly key: string;
  readonly quantity: string;
  readonly unitAmount: string | null;
  readonly amount: number;
  readonly label: string;
}

export type TieredLines = 'per-tier' | 'single';

/**
 * What a price makes of a quantity: one part, or for tiered prices one part per tier that was reached and one per flat
 * fee, as Stripe's invoices list them (`single`: all tiers in one part). Each part is rounded once.
 */
export function rate(price: PriceRecord, quantityText: string, tieredLines: TieredLines = 'per-tier'): RatedPart[] {
  const quantity = toScaled(quantityText);
  if (price.tiers === null) return [ratePerUnit(price, quantity)];
  if (tieredLines === 'single') return [rateInOne(price, quantity)];
  const parts = stepsOf(price, quantity).flatMap(partsOf);
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

function rateInOne(price: PriceRecord, quantity: Scaled): RatedPart {
  const steps = stepsOf(price, quantity);
  const exact = steps.reduce(
    (sum, { tier, units }) => sum + units * toScaled(tier.unitAmount ?? '0') + flatOf(tier),
    0n,
  );
  const amount = toSafeNumber(roundHalfUp(exact, toScaled(1) * toScaled(1)));
  return { key: 'tiers', quantity: fromScaled(quantity), unitAmount: null, amount, label: '' };
}

const flatOf = (tier: TierRecord): bigint => toScaled(1) * toScaled(tier.flatAmount ?? '0');

interface Step {
  readonly tier: TierRecord;
  readonly index: number;
  readonly units: Scaled;
}

/** Which tiers a quantity reaches, and how many units each gets. */
function stepsOf(price: PriceRecord, quantity: Scaled): Step[] {
  const tiers = price.tiers ?? [];
  if (quantity === 0n) return [];
  if (price.tiersMode === 'volume') {
    const index = tiers.findIndex((tier) => tier.upTo === null || quantity <= toScaled(tier.upTo));
    const tier = tiers[index];
    return tier ? [{ tier, index, units: quantity }] : [];
  }
  const steps: Step[] = [];
  let below = 0n;
  for (const [index, tier] of tiers.entries()) {
    if (quantity <= below) break;
    const upTo = tier.upTo === null ? quantity : toScaled(tier.upTo);
    steps.push({ tier, index, units: (quantity < upTo ? quantity : upTo) - below });
    below = upTo;
  }
  return steps;
}

function partsOf({ tier, index, units: quantity }: Step): RatedPart[] {
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
