import { isTable, parseOrNothing, type Table } from '../domain/json/table.ts';
import type { InvocationReceipt } from '../domain/records/invocation-event.ts';

/** What the ledger said to a batch. */
export type ShipAnswer =
  /** Durably dealt with, every event of it. */
  | { readonly kind: 'stored'; readonly receipt: InvocationReceipt }
  /** 413: less at a time. */
  | { readonly kind: 'too_large' }
  /** 400: something in the batch can never be accepted. */
  | { readonly kind: 'malformed'; readonly why: string }
  /** A wrong address or credential: an operator must act, and trying again soon helps nobody. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Not now. */
  | { readonly kind: 'away'; readonly why: string; readonly retryAfterMs?: number };

export interface HttpAnswer {
  readonly status: number;
  readonly retryAfter?: string;
  readonly body: string;
}

/** Texts of a server are shown to an operator, not archived. */
const MAX_REASON_CHARACTERS = 300;

/**
 * Reads the answer to a batch of so many events. A 200 whose numbers do not add up is no receipt: a proxy may answer 200
 * with a page of its own, and what is deleted after that is lost.
 */
export const readAnswer = (
  answer: HttpAnswer,
  { events, now }: { readonly events: number; readonly now: number },
): ShipAnswer => {
  const { status, body } = answer;
  if (status === 200) return readReceipt(body, events);
  if (status === 413) return { kind: 'too_large' };
  if (status === 400 || status === 422) return { kind: 'malformed', why: reasonIn(body, status) };
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const retryAfterMs = readRetryAfter(answer.retryAfter, now);
    return { kind: 'away', why: reasonIn(body, status), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  return { kind: 'refused', why: refusalOf(status, body) };
};

const readReceipt = (body: string, events: number): ShipAnswer => {
  const { accepted, duplicate, quarantined } = parse(body);
  const isReceipt =
    isCount(accepted) && isCount(duplicate) && Array.isArray(quarantined) && quarantined.every(isQuarantined);
  if (!isReceipt) return { kind: 'away', why: 'the answer of 200 is no receipt ({accepted, duplicate, quarantined})' };
  if (accepted + duplicate + quarantined.length !== events)
    return {
      kind: 'away',
      why: `the receipt is of ${accepted + duplicate + quarantined.length} events, but ${events} were sent`,
    };
  return { kind: 'stored', receipt: { accepted, duplicate, quarantined } };
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const isQuarantined = (value: unknown): value is InvocationReceipt['quarantined'][number] =>
  isTable(value) && typeof value['id'] === 'string' && typeof value['reason'] === 'string';

const parse = (body: string): Table => {
  const value = parseOrNothing(body);
  return isTable(value) ? value : {};
};

const reasonIn = (body: string, status: number): string => {
  const { detail, message, error } = parse(body);
  const reason = [detail, message, error].find((text) => typeof text === 'string') ?? body;
  const text = String(reason)
    // eslint-disable-next-line no-control-regex -- an operator's terminal must not obey a server's text
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim();
  return `HTTP ${status}${text === '' ? '' : `: ${text.slice(0, MAX_REASON_CHARACTERS)}`}`;
};

const refusalOf = (status: number, body: string): string => {
  if (status === 401 || status === 403) return `the ledger does not accept metering.token (${reasonIn(body, status)})`;
  if (status >= 300 && status < 400)
    return `metering.url redirects (HTTP ${status}), which is not followed: the token belongs to the configured address`;
  return `metering.url is no ledger (${reasonIn(body, status)})`;
};

/** Seconds or an HTTP date (RFC 9110, 10.2.3); undefined for anything else. */
const readRetryAfter = (value: string | undefined, now: number): number | undefined => {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = /^[A-Z][a-z]{2}, /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
};
