const MS_PER_DAY = 86_400_000;

/** Milliseconds that an id of version 7 holds (RFC 9562 §5.7). The id must be one: see `EVENT_ID`. */
export const millisecondsOfId = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** `YYYY-MM-DD` of a moment, in UTC. */
export const dayOf = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10);

/** `YYYY-MM` of a moment, in UTC. */
export const monthOf = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 7);

/** First day of a month `YYYY-MM` and of the one `offset` months after it. */
export const monthStart = (month: string, offset = 0): string => {
  const [year = 1970, number = 1] = month.split('-').map(Number);
  return dayOf(Date.UTC(year, number - 1 + offset, 1));
};

/** The day so many days after `day`. Days are UTC and all have 24 hours. */
export const addDays = (day: string, days: number): string => dayOf(Date.parse(`${day}T00:00:00Z`) + days * MS_PER_DAY);

/** Whether it is a day of the calendar, written `YYYY-MM-DD`. */
export const isDay = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const milliseconds = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(milliseconds) && dayOf(milliseconds) === text;
};

/** How the clock of a node and the age of an event are judged; all in milliseconds. */
export const timeLimits = {
  /** Two machines with NTP are within seconds; what is further ahead would land in a period that has not begun. */
  future: 5 * 60_000,
  /** Stripe takes usage for 35 days. What is older is recorded and flagged: it is billed as an adjustment. */
  late: 34 * MS_PER_DAY,
  /** 13 months and a few days. A node whose clock says 1970 must not make a partition for each month since. */
  oldest: 400 * MS_PER_DAY,
} as const;

export type TimeVerdict = 'on_time' | 'late' | 'future' | 'too_old' | 'retired';

/**
 * `now` is the database's clock. Retired: the month's single records were dropped, and with them the knowledge of which ids
 * were counted. Counting one now might be counting it twice.
 */
export const judgeTime = (
  occurredAt: number,
  { now, keptFrom }: { readonly now: number; readonly keptFrom: number | undefined },
): TimeVerdict => {
  if (occurredAt > now + timeLimits.future) return 'future';
  if (keptFrom !== undefined && occurredAt < keptFrom) return 'retired';
  if (occurredAt < now - timeLimits.oldest) return 'too_old';
  return occurredAt < now - timeLimits.late ? 'late' : 'on_time';
};
