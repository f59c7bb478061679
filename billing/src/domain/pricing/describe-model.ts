import type { PriceModel, PriceTier } from './price-version.ts';

/** A price as a person says it, in major units: `0.05 a call`, `up to 1000: 0.10, above: 0.08 (each call by its tier)`. */
export const describeModel = (price: PriceModel): string => {
  switch (price.model) {
    case 'flat':
      return `${price.unitAmount} a call`;
    case 'package':
      return `${price.amount} for every ${price.size} calls begun`;
    case 'graduated':
      return `${price.tiers.map(describeTier).join(', ')} (each call by its tier)`;
    case 'volume':
      return `${price.tiers.map(describeTier).join(', ')} (all calls by the last one's tier)`;
  }
};

const describeTier = ({ upTo, unitAmount, flatAmount }: PriceTier): string =>
  `${upTo === undefined ? 'above' : `up to ${upTo}`}: ${unitAmount}${flatAmount === undefined ? '' : ` and ${flatAmount} once`}`;
