import { createHash } from 'node:crypto';
import type { Demand, TakenUnits } from '../domain/limits/limit-rule.ts';

/**
 * How long takes are remembered at most. Units come back when a call ends, which is 10 minutes after it began unless a
 * lease says otherwise; a refused take is only repeated by a retry, within seconds. Remembering every call of a month for
 * the sake of a monthly quota would cost 200 bytes a call in Redis, and 320 in the memory of a node.
 */
export interface TakeMemory {
  readonly grantedMs: number;
  readonly refusedMs: number;
}

export const defaultTakeMemory: TakeMemory = { grantedMs: 900_000, refusedMs: 60_000 };

/** Never longer than the longest window of the take. */
export const takeMemoryOf = (
  demands: readonly Demand[],
  { now, memory }: { readonly now: number; readonly memory: TakeMemory },
): TakeMemory => {
  const lastsMs = Math.max(1, ...demands.map((demand) => Math.ceil(demand.endsAt - now)));
  return { grantedMs: Math.min(lastsMs, memory.grantedMs), refusedMs: Math.min(lastsMs, memory.refusedMs) };
};

/** A take id as a store's key: short, and of characters that every store takes. */
export const takeKey = (takeId: string): string =>
  /^[\w.:-]{1,100}$/.test(takeId) ? takeId : `#${createHash('sha256').update(takeId).digest('hex')}`;

/** A counter's own window is over: what it held is gone, and the next window must not pay for it. */
export const isReturnable = (demand: TakenUnits, now: number): boolean =>
  demand.kind === 'concurrent' || now < demand.endsAt;
