import { readGrant } from '../../domain/limits/limits-json.ts';
import type { Demand, Grant } from '../../domain/limits/limit-rule.ts';
import { failure, success, type Result } from '../../domain/result.ts';
import type { CounterStore } from '../../ports/counter-store.ts';
import { createPostgresCounterStore } from '../../stores/postgres-counter-store.ts';
import { createRedisCounterStore } from '../../stores/redis-counter-store.ts';
import { nameOfSource, type CounterSource, type PeekCounters } from './counter-source.ts';

/** A person waits: longer than a call may, and not for long. */
const DEADLINE_MS = 5_000;

export const peekCounters: PeekCounters = async (source, demands, now) => {
  try {
    return source.kind === 'node' ? await askNode(source, demands) : await askStore(source, demands, now);
  } catch (error) {
    return failure(`the counters at ${nameOfSource(source)} cannot be asked: ${reasonOf(error)}`);
  }
};

const askStore = async (
  source: Exclude<CounterSource, { readonly kind: 'node' }>,
  demands: readonly Demand[],
  now: number,
): Promise<Result<Grant, string>> => {
  const store = openStore(source);
  try {
    return success(await store.peek(demands, now));
  } finally {
    await store.close();
  }
};

const openStore = ({ kind, url }: Exclude<CounterSource, { readonly kind: 'node' }>): CounterStore => {
  const options = { deadlineMs: DEADLINE_MS, onNotice: () => undefined };
  return kind === 'redis'
    ? createRedisCounterStore({ urls: [url], ...options })
    : createPostgresCounterStore({ url, ...options });
};

const askNode = async (
  source: Extract<CounterSource, { readonly kind: 'node' }>,
  demands: readonly Demand[],
): Promise<Result<Grant, string>> => {
  const answer = await fetch(new URL('/v1/limits/peek', source.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${source.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ demands }),
    redirect: 'error',
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  if (answer.status === 401) return failure(`the node at ${nameOfSource(source)} does not accept the token`);
  if (!answer.ok) return failure(`the node at ${nameOfSource(source)} answered ${answer.status}`);
  const grant = readGrant(await answer.json(), demands.length);
  return grant === undefined ? failure(`the node at ${nameOfSource(source)} answered something else`) : success(grant);
};

/** `fetch` hides the reason in its cause; an address or a password never shows. */
const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error ? cause.message : 'unknown reason';
};
