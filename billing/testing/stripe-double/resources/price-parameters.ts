import type Stripe from 'stripe';
import { fromScaled, toScaled } from '../engine/decimal.ts';
import type { Account } from '../state/account.ts';
import type { PriceRecord, RecurringRecord, TierRecord } from '../state/records.ts';
import { invalidRequest } from '../state/stripe-failure.ts';
import type { Wire } from '../state/wire.ts';
import { requireMeter } from './meters.ts';
import { mergeMetadata } from './metadata.ts';
import { createProduct, requireProduct } from './products.ts';

type Given = Wire<Stripe.PriceCreateParams>;

/** The price that the parameters of `prices.create` describe, with the combinations checked that the types allow and Stripe does not. */
export function readPrice(account: Account, given: Given): PriceRecord {
  const tiers = readTiers(given);
  if (tiers && given.transform_quantity) {
    throw invalidRequest('You may not use `transform_quantity` with `tiers`.', { param: 'transform_quantity' });
  }
  const unitAmount = tiers ? null : readUnitAmount(given, '');
  const recurring = given.recurring ? readRecurring(account, given.recurring) : null;
  return {
    id: account.ids.next('price'),
    created: account.clock.now(),
    currency: readCurrency(given.currency),
    product: readProduct(account, given),
    unitAmount,
    tiers,
    tiersMode: (given.tiers_mode ?? null) as PriceRecord['tiersMode'],
    transform: given.transform_quantity
      ? { divideBy: given.transform_quantity.divide_by, round: given.transform_quantity.round as 'up' | 'down' }
      : null,
    recurring,
    active: given.active ?? true,
    lookupKey: given.lookup_key ?? null,
    nickname: given.nickname ?? null,
    taxBehavior: (given.tax_behavior ?? 'unspecified') as PriceRecord['taxBehavior'],
    metadata: mergeMetadata({}, given.metadata),
  };
}

export interface UnitAmount {
  readonly unit_amount?: number;
  readonly unit_amount_decimal?: string;
}

/** The one of the two fields that was given. */
export function readUnitAmount(given: UnitAmount, prefix: string): string {
  const name = (field: string): string => (prefix === '' ? field : `${prefix}[${field}]`);
  if (given.unit_amount !== undefined && given.unit_amount_decimal !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: unit_amount, unit_amount_decimal.', {
      param: name('unit_amount'),
    });
  }
  const amount = given.unit_amount_decimal ?? given.unit_amount;
  if (amount === undefined) {
    throw invalidRequest(`Missing required param: ${name('unit_amount')}.`, {
      code: 'parameter_missing',
      param: name('unit_amount'),
    });
  }
  return fromScaled(toScaled(amount));
}

export function readCurrency(currency: string): string {
  if (!/^[a-z]{3}$/i.test(currency)) throw invalidRequest(`Invalid currency: ${currency}.`, { param: 'currency' });
  return currency.toLowerCase();
}

function readProduct(account: Account, given: Given): string {
  if (given.product_data) {
    const { name, id, active, metadata, unit_label, tax_code, statement_descriptor } = given.product_data;
    const changes = {
      ...(active !== undefined && { active }),
      ...(metadata !== undefined && { metadata }),
      ...(unit_label !== undefined && { unit_label }),
      ...(tax_code !== undefined && { tax_code }),
      ...(statement_descriptor !== undefined && { statement_descriptor }),
    };
    return createProduct(account, name, { id, changes }).id;
  }
  if (given.product === undefined) {
    throw invalidRequest('Missing required param: product.', { code: 'parameter_missing', param: 'product' });
  }
  return requireProduct(account, given.product).id;
}

function readRecurring(account: Account, given: NonNullable<Given['recurring']>): RecurringRecord {
  const usageType = (given.usage_type ?? 'licensed') as RecurringRecord['usageType'];
  if (usageType === 'metered' && given.meter === undefined) {
    throw invalidRequest('Metered prices must be backed by a meter: set `recurring[meter]`.', {
      param: 'recurring[meter]',
    });
  }
  if (given.meter !== undefined) {
    if (usageType !== 'metered') {
      throw invalidRequest('`recurring[meter]` needs `recurring[usage_type]` metered.', {
        param: 'recurring[usage_type]',
      });
    }
    const meter = requireMeter(account, given.meter, 'recurring[meter]');
    if (!meter.active) throw invalidRequest(`The meter ${meter.id} is inactive.`, { param: 'recurring[meter]' });
  }
  return {
    interval: given.interval as RecurringRecord['interval'],
    intervalCount: given.interval_count ?? 1,
    usageType,
    meter: given.meter ?? null,
  };
}

function readTiers(given: Given): TierRecord[] | null {
  if (given.billing_scheme !== 'tiered') {
    if (given.tiers !== undefined || given.tiers_mode !== undefined) {
      throw invalidRequest('`tiers` and `tiers_mode` need `billing_scheme` tiered.', { param: 'billing_scheme' });
    }
    return null;
  }
  if (given.tiers === undefined || given.tiers.length === 0 || given.tiers_mode === undefined) {
    const param = given.tiers_mode === undefined ? 'tiers_mode' : 'tiers';
    throw invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
  }
  const tiers = given.tiers.map((tier, index) => readTier(tier, index));
  for (const [index, tier] of tiers.entries()) {
    const before = index === 0 ? 0 : (tiers[index - 1]?.upTo ?? Infinity);
    const last = index === tiers.length - 1;
    if (last !== (tier.upTo === null)) {
      throw invalidRequest('The last tier, and only the last, must have `up_to` inf.', {
        param: `tiers[${index}][up_to]`,
      });
    }
    if (tier.upTo !== null && tier.upTo <= before) {
      throw invalidRequest('Tiers must be in ascending order of `up_to`.', { param: `tiers[${index}][up_to]` });
    }
  }
  return tiers;
}

function readTier(tier: NonNullable<Given['tiers']>[number], index: number): TierRecord {
  const decimal = (amount: string | number | undefined): string | null =>
    amount === undefined ? null : fromScaled(toScaled(amount));
  const unitAmount = decimal(tier.unit_amount_decimal ?? tier.unit_amount);
  const flatAmount = decimal(tier.flat_amount_decimal ?? tier.flat_amount);
  if (unitAmount === null && flatAmount === null) {
    throw invalidRequest('A tier needs an amount.', { param: `tiers[${index}][unit_amount]` });
  }
  return { upTo: tier.up_to === 'inf' ? null : Number(tier.up_to), unitAmount, flatAmount };
}
