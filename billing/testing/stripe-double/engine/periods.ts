import type { AnchorRecord, RecurringRecord } from '../state/records.ts';

/** The moment `count` intervals after `anchor`, in UTC; the day of the month is clamped to the month's length. */
export function addIntervals(
  anchor: number,
  recurring: Pick<RecurringRecord, 'interval' | 'intervalCount'>,
  count: number,
): number {
  const steps = count * recurring.intervalCount;
  if (recurring.interval === 'day') return anchor + steps * 86_400;
  if (recurring.interval === 'week') return anchor + steps * 7 * 86_400;
  return addMonths(anchor, recurring.interval === 'year' ? steps * 12 : steps);
}

function addMonths(anchor: number, months: number): number {
  const from = new Date(anchor * 1000);
  const month = from.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const day = Math.min(from.getUTCDate(), lastDay);
  const midnight = Date.UTC(from.getUTCFullYear(), month, day);
  return Math.floor(midnight / 1000) + (anchor % 86_400);
}

/** The first moment after `now` that `billing_cycle_anchor_config` names. */
export function nextAnchor(now: number, { dayOfMonth, hour, minute, second }: AnchorRecord): number {
  const from = new Date(now * 1000);
  for (let month = from.getUTCMonth(); ; month += 1) {
    const lastDay = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate();
    const at = Date.UTC(from.getUTCFullYear(), month, Math.min(dayOfMonth, lastDay), hour, minute, second);
    if (at / 1000 > now) return at / 1000;
  }
}
