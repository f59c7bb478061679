/**
 * How one daily total travels to the billing provider, as a state machine over plain values.
 *
 * What is sent is always the absolute total of a UTC day, to a meter in which the last total received for a day replaces
 * the one before. A total may therefore be sent any number of times; the only thing that must not happen is that an older
 * total arrives after a newer one. So an attempt has an id and a value that are stored before the call and stay as they
 * are until the provider has answered it: no newer total leaves while an older one may still be under way.
 */

export interface MeterDelivery {
  /** Billable invocations of the day, as the rollup has them now. */
  readonly desired: bigint;
  /** The last total that the provider took. */
  readonly acked: bigint;
  /** Of the last attempt that was begun; part of its id. */
  readonly revision: number;
  readonly inflight?: InflightTotal;
  /** Answers in a row that left the attempt undecided. */
  readonly attempts: number;
  /** Milliseconds since 1970; nothing is sent before. */
  readonly nextAttemptAt: number;
  readonly state: DeliveryState;
  readonly lastError?: string;
}

export interface InflightTotal {
  readonly id: string;
  readonly value: bigint;
}

/**
 * `open`: sent when desired and acked differ. `too_late`: the provider takes no more totals for this day, or never will.
 * `rejected`: the provider said no for another reason; an operator mends the cause and opens the row again.
 */
export type DeliveryState = 'open' | 'rejected' | 'too_late';

/** What became of one attempt. */
export type MeterAnswer =
  /** Taken. Not yet counted: reconciliation with the provider's summaries shows that. */
  | { readonly kind: 'accepted' }
  /** This very id was taken before, so the attempt had succeeded. */
  | { readonly kind: 'already_exists' }
  | { readonly kind: 'too_late'; readonly message: string }
  | { readonly kind: 'rejected'; readonly message: string }
  /** Timeout, 5xx, 429, no connection: it may have been taken, or not. */
  | { readonly kind: 'unavailable'; readonly message: string; readonly retryAfterMs?: number };

export interface DeliveryChance {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** From 0 up to, not including, 1. */
  readonly random: number;
}

/** The provider takes events of the past 35 calendar days; one is left for clocks and queues. */
export const LATEST_DELIVERY_DAYS = 34;

const DAY_MS = 86_400_000;

/** Whether a total of the day that begins at `dayStart` may still be sent. */
export const isTooLateToSend = (dayStart: number, now: number): boolean =>
  now - dayStart > LATEST_DELIVERY_DAYS * DAY_MS;

export const needsDelivery = (row: MeterDelivery): boolean =>
  row.state === 'open' && (row.inflight !== undefined || row.desired !== row.acked);

/** Begins an attempt, or goes on with the one that is undecided. Store the result before the call. */
export const beginAttempt = (
  row: MeterDelivery,
  nameOf: (revision: number, value: bigint) => string,
): MeterDelivery => {
  if (row.inflight !== undefined) return row;
  const revision = row.revision + 1;
  return { ...row, revision, inflight: { id: nameOf(revision, row.desired), value: row.desired } };
};

/** The row after the provider answered its attempt. */
export const settleAttempt = (row: MeterDelivery, answer: MeterAnswer, chance: DeliveryChance): MeterDelivery => {
  const { inflight, lastError: _, ...rest } = row;
  if (inflight === undefined) return row;
  switch (answer.kind) {
    case 'accepted':
    case 'already_exists':
      return { ...rest, acked: inflight.value, attempts: 0, nextAttemptAt: chance.now };
    case 'too_late':
    case 'rejected':
      return { ...rest, attempts: 0, state: answer.kind, lastError: answer.message };
    case 'unavailable': {
      const delay = Math.max(backoffMs(row.attempts, chance.random), answer.retryAfterMs ?? 0);
      return {
        ...row,
        attempts: row.attempts + 1,
        nextAttemptAt: chance.now + delay,
        lastError: answer.message,
      };
    }
  }
};

const FIRST_DELAY_MS = 1_000;
/** An outage of a day costs 150 tries a row at most, and the backlog starts to move within ten minutes of its end. */
const LONGEST_DELAY_MS = 600_000;

/** Full jitter: anything from nothing to the bound, so that rows that failed together do not return together. */
export const backoffMs = (attempts: number, random: number): number =>
  Math.floor(random * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempts, 30)));
