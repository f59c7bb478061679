import { currencyRule } from '../money/currency.ts';
import { DECIMAL_ONE, formatDecimal, parseDecimal, type Decimal } from '../money/decimal.ts';
import type { PriceTier, PriceVersion } from '../pricing/price-version.ts';
import { failure, success, type Result } from '../result.ts';

/** A price as a provider can compute it from a meter. Amounts are decimals in minor units, as text. */
export type MeteredAmount =
  | { readonly kind: 'unit'; readonly unitAmount: string }
  /** Every begun package of `size` costs `amount`. */
  | { readonly kind: 'package'; readonly size: bigint; readonly amount: string }
  | { readonly kind: 'graduated' | 'volume'; readonly tiers: readonly MeteredTier[] };

export interface MeteredTier {
  /** Included; absent in the last tier. */
  readonly upTo?: bigint;
  readonly unitAmount: string;
}

/**
 * The price for a meter, or why a meter cannot have it: then the tenant's tools are rated here and sent as lines. Only what
 * comes out equal to the minor unit is a metered price. A provider rounds each tier, we round each line once.
 */
export const toMeteredAmount = (version: PriceVersion): Result<MeteredAmount, string> => {
  const { price, freeUnits = 0n, currency } = version;
  if (version.pool !== undefined) return failure('it shares a free allowance with other tools');
  if (version.minimumMinor !== undefined) return failure('it has a minimum');
  if (currencyRule(currency).increment !== 1n)
    return failure(`amounts in ${currency} end in 0, which a meter does not round to`);
  if (freeUnits > 0n && price.model !== 'flat') return failure(`it has free units and a ${price.model} price`);
  switch (price.model) {
    case 'flat': {
      const unitAmount = minorText(price.unitAmount, currency);
      if (freeUnits === 0n) return success({ kind: 'unit', unitAmount });
      return success({ kind: 'graduated', tiers: [{ upTo: freeUnits, unitAmount: '0' }, { unitAmount }] });
    }
    case 'package':
      return isWholeMinor(toMinorDecimal(price.amount, currency))
        ? success({ kind: 'package', size: price.size, amount: minorText(price.amount, currency) })
        : failure('a package costs a fraction of the smallest unit');
    case 'graduated':
    case 'volume':
      return tieredAmount(price.model, price.tiers, currency);
  }
};

const tieredAmount = (
  kind: 'graduated' | 'volume',
  tiers: readonly PriceTier[],
  currency: string,
): Result<MeteredAmount, string> => {
  if (tiers.some(({ flatAmount }) => flatAmount !== undefined))
    return failure('a tier has a flat amount, which providers charge without usage too');
  if (kind === 'graduated' && hasUnevenTier(tiers, currency))
    return failure('a full tier costs a fraction of the smallest unit, which a provider rounds by itself');
  return success({
    kind,
    tiers: tiers.map(({ upTo, unitAmount }) => ({
      ...(upTo === undefined ? {} : { upTo }),
      unitAmount: minorText(unitAmount, currency),
    })),
  });
};

/** Only the tier that usage ends in may be rounded; those below it are full. */
const hasUnevenTier = (tiers: readonly PriceTier[], currency: string): boolean =>
  tiers.some(({ upTo, unitAmount }, index) => {
    if (upTo === undefined) return false;
    const units = upTo - (tiers[index - 1]?.upTo ?? 0n);
    return !isWholeMinor({ digits: toMinorDecimal(unitAmount, currency).digits * units });
  });

const isWholeMinor = ({ digits }: Decimal): boolean => digits % DECIMAL_ONE === 0n;

const minorText = (major: string, currency: string): string => formatDecimal(toMinorDecimal(major, currency));

/** Prices were parsed when they were written; one that cannot be read counts as nothing and fails the parity gate. */
export const toMinorDecimal = (major: string, currency: string): Decimal => {
  const parsed = parseDecimal(major);
  return parsed.ok ? { digits: parsed.value.digits * 10n ** BigInt(currencyRule(currency).exponent) } : { digits: 0n };
};
