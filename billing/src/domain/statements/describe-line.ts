import type { Day } from '../calendar/day.ts';
import { lastDayOf, type Period } from '../calendar/period.ts';
import type { Currency, MinorUnits } from '../money/currency.ts';
import { formatMoney } from '../money/money.ts';
import { formatQuantity } from '../money/quantity.ts';
import type { Rating } from '../pricing/models/rating.ts';
import type { PriceVersion } from '../pricing/price-version.ts';
import type { RunUsage } from './group-usage.ts';

/** What people call the tool. */
export const toolName = (
  { server, tool }: { readonly server: string; readonly tool: string },
  version?: PriceVersion,
): string => version?.displayName ?? `${server} / ${tool}`;

/** `Weather forecast: 12,345 calls, 1,000 of them free, at 0.002 EUR each, 1 to 14 March 2026`. */
export const describeUsage = ({
  name,
  run,
  free,
  rating,
  currency,
  period,
}: {
  readonly name: string;
  readonly run: RunUsage;
  readonly free: bigint;
  readonly rating: Rating;
  readonly currency: Currency;
  readonly period: Period;
}): string => {
  const paid = run.quantity - free;
  const parts = [callsText(run.quantity)];
  if (paid === 0n) parts.push('all free');
  else if (free > 0n) parts.push(`${formatQuantity(free)} of them free`);
  if (paid > 0n) parts.push(rating.describe(paid, currency));
  if (run.first !== period.start || run.last !== lastDayOf(period)) parts.push(daysText(run.first, run.last));
  return `${name}: ${parts.join(', ')}`;
};

export const describeMinimum = (minimum: MinorUnits, currency: Currency, name?: string): string =>
  name === undefined
    ? `Up to the minimum of ${formatMoney(minimum, currency)} for the period`
    : `${name}: up to its minimum of ${formatMoney(minimum, currency)} for the period`;

export const describeAdjustment = (day: Day, reason: string, name?: string): string =>
  `${name === undefined ? 'Correction' : `${name}: correction`} for ${dayText(day)}: ${reason}`;

const callsText = (quantity: bigint): string => `${formatQuantity(quantity)} ${quantity === 1n ? 'call' : 'calls'}`;

const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** `14 March 2026`. Not from the machine's locale: a seal covers it. */
export const dayText = (day: Day): string =>
  `${Number(day.slice(8))} ${monthNames[Number(day.slice(5, 7)) - 1] ?? ''} ${day.slice(0, 4)}`;

/** `1 to 14 March 2026`, `28 March to 3 April 2026`. */
export const daysText = (first: Day, last: Day): string => {
  if (first === last) return dayText(last);
  const isSameMonth = first.slice(0, 7) === last.slice(0, 7);
  return `${isSameMonth ? String(Number(first.slice(8))) : dayText(first)} to ${dayText(last)}`;
};
