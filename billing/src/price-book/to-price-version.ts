import { createHash } from 'node:crypto';
import { isDay } from '../domain/calendar/day.ts';
import type { Issue } from '../domain/issue.ts';
import { currencyRule, parseCurrency, type MinorUnits } from '../domain/money/currency.ts';
import { DECIMAL_ONE, parseDecimal } from '../domain/money/decimal.ts';
import { compileModel } from '../domain/pricing/models/compile-model.ts';
import type { PriceModel, PriceVersion } from '../domain/pricing/price-version.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { PriceEntry } from './price-document.ts';

/** One entry of a document as a price version. Its id is made of what it says: the same entry twice is the same version. */
export const toPriceVersion = (entry: PriceEntry, path: string): Result<PriceVersion, readonly Issue[]> => {
  const price = toModel(entry);
  const currency = parseCurrency(entry.currency, `${path}.currency`);
  const minimum =
    currency.ok && entry.minimum !== undefined
      ? parseMinor(entry.minimum, currency.value, `${path}.minimum`)
      : undefined;
  const rating = compileModel(price, path);
  const issues = [
    ...(currency.ok ? [] : [currency.error]),
    ...(minimum === undefined || minimum.ok ? [] : [minimum.error]),
    ...(rating.ok ? [] : rating.error),
    ...checkDays(entry, path),
  ];
  if (!currency.ok || issues.length > 0) return failure(issues);
  const fields = toFields(entry, { price, currency: currency.value });
  const version = minimum?.ok === true ? { ...fields, minimumMinor: minimum.value } : fields;
  return success({ id: priceVersionId(version), ...version });
};

const toFields = (
  entry: PriceEntry,
  { price, currency }: { readonly price: PriceModel; readonly currency: string },
): Omit<PriceVersion, 'id'> => ({
  server: entry.server,
  tool: entry.tool,
  ...(entry.tenant === undefined ? {} : { tenant: entry.tenant }),
  currency,
  price,
  ...(entry.free_units === undefined ? {} : { freeUnits: BigInt(entry.free_units) }),
  ...(entry.pool === undefined ? {} : { pool: entry.pool }),
  billableOutcomes: [...new Set<string>(entry.billable_outcomes ?? ['ok'])].sort(),
  effectiveFrom: entry.effective_from,
  ...(entry.effective_to === undefined ? {} : { effectiveTo: entry.effective_to }),
  ...(entry.name === undefined ? {} : { displayName: entry.name }),
});

const toModel = (entry: PriceEntry): PriceModel => {
  switch (entry.model) {
    case 'flat':
      return { model: 'flat', unitAmount: entry.unit_amount };
    case 'package':
      return { model: 'package', size: BigInt(entry.size), amount: entry.amount };
    case 'graduated':
    case 'volume':
      return {
        model: entry.model,
        tiers: entry.tiers.map(({ up_to: upTo, unit_amount: unitAmount, flat_amount: flatAmount }) => ({
          ...(upTo === undefined ? {} : { upTo: BigInt(upTo) }),
          unitAmount,
          ...(flatAmount === undefined ? {} : { flatAmount }),
        })),
      };
  }
};

/** An amount in major units that the currency can pay exactly. */
export const parseMinor = (text: string, currency: string, path: string): Result<MinorUnits, Issue> => {
  const read = parseDecimal(text, path);
  if (!read.ok) return read;
  const { exponent, increment } = currencyRule(currency);
  const scaled = read.value.digits * 10n ** BigInt(exponent);
  return scaled % (DECIMAL_ONE * increment) === 0n
    ? success(scaled / DECIMAL_ONE)
    : failure({ path, problem: `${text} is not an amount that can be paid in ${currency.toUpperCase()}.` });
};

const checkDays = ({ effective_from: from, effective_to: to }: PriceEntry, path: string): readonly Issue[] => [
  ...checkDay(from, `${path}.effective_from`),
  ...(to === undefined ? [] : checkDay(to, `${path}.effective_to`)),
  ...(to === undefined || to > from
    ? []
    : [
        {
          path: `${path}.effective_to`,
          problem: `Must be after ${from}: it is the first day on which the price no longer holds.`,
        },
      ]),
];

export const checkDay = (day: string, path: string): readonly Issue[] =>
  isDay(day) ? [] : [{ path, problem: `${day} is not in the calendar.` }];

const priceVersionId = (version: Omit<PriceVersion, 'id'>): string => {
  const text = JSON.stringify(version, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  return `prc_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
};
