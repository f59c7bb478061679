import { createHmac } from 'node:crypto';
import type { Database } from '../database/open-database.ts';
import type { BudgetNotice } from '../domain/budgets/budget-notice.ts';
import { queryRows } from '../database/query-rows.ts';

export interface NoticeWebhook {
  readonly url: string;
  /** Signs each delivery; shared with the receiver. */
  readonly secret: string;
}

export interface DeliverOptions {
  readonly database: Database;
  /** Undefined: notices go to the log alone. */
  readonly webhook?: NoticeWebhook;
  readonly log: (notice: BudgetNotice) => void;
  readonly now: () => number;
  /** From 0 to 1, for the jitter. */
  readonly random: () => number;
  readonly signal?: AbortSignal;
  readonly fetch?: typeof fetch;
}

/** `t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`: as Stripe signs, so that receivers know how to check it. */
export const SIGNATURE_HEADER = 'x-billing-signature';

/** Notices of one run; more wait for the next. */
const BATCH = 50;
/** A receiver that takes longer is as good as away. */
const TIMEOUT_MILLISECONDS = 10_000;
/** With the pauses below about three days; then the notice stays in the table with its error, and `doctor` names it. */
export const MAX_ATTEMPTS = 16;
const FIRST_PAUSE_SECONDS = 5;
const LONGEST_PAUSE_SECONDS = 6 * 3_600;

/** Sends what is due, oldest first, each notice at least once. Gives how many were delivered. */
export const deliverNotices = async (options: DeliverOptions): Promise<number> => {
  let delivered = 0;
  for (const notice of await dueNotices(options.database)) {
    if (options.signal?.aborted === true) break;
    // With the first attempt, whether it arrives or not: a log that repeats a notice is one that nobody reads.
    if (notice.attempts === 0) options.log(notice.payload);
    const error = await send(notice.payload, options);
    if (error === undefined) delivered += 1;
    await settle(notice, { error, options });
  }
  return delivered;
};

interface NoticeRow {
  readonly budget_id: string;
  readonly period_start: string;
  readonly limit_value: bigint;
  readonly threshold: number;
  readonly attempts: number;
  readonly payload: BudgetNotice;
}

const dueNotices = (database: Database): Promise<readonly NoticeRow[]> =>
  queryRows<NoticeRow>(
    database,
    `select budget_id, period_start, limit_value, threshold, attempts, payload from billing.budget_notice
     where next_attempt_at <= now() order by reached_at, budget_id, threshold limit ?`,
    [BATCH],
  );

/** Why it did not arrive; undefined when it did. */
const send = async (
  notice: BudgetNotice,
  { webhook, now, signal, fetch: request = fetch }: DeliverOptions,
): Promise<string | undefined> => {
  if (webhook === undefined) return undefined;
  const body = JSON.stringify(notice);
  const timeout = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  try {
    const response = await request(webhook.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [SIGNATURE_HEADER]: signNotice(body, { secret: webhook.secret, now: now() }),
        'idempotency-key': notice.id,
      },
      body,
      redirect: 'manual',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `the receiver answered ${response.status}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return `the receiver does not answer: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
};

export const signNotice = (
  body: string,
  { secret, now }: { readonly secret: string; readonly now: number },
): string => {
  const seconds = Math.floor(now / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
};

const settle = async (
  { budget_id, period_start, limit_value, threshold, attempts }: NoticeRow,
  { error, options }: { readonly error: string | undefined; readonly options: DeliverOptions },
): Promise<void> => {
  const { database, random } = options;
  const made = attempts + 1;
  const key = { budget_id, period_start, threshold, limit_value: limit_value.toString() };
  await database('billing.budget_notice')
    .where(key)
    .update(
      error === undefined
        ? { attempts: made, next_attempt_at: null, delivered_at: database.fn.now(), last_error: null }
        : {
            attempts: made,
            last_error: error,
            next_attempt_at:
              made >= MAX_ATTEMPTS
                ? null
                : database.raw('now() + make_interval(secs => ?)', [pauseSeconds(made, random())]),
          },
    );
};

/** Full jitter: a receiver that comes back is not met by everybody at once. */
const pauseSeconds = (attempts: number, random: number): number =>
  random * Math.min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** attempts);
