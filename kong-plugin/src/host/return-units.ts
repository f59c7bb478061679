import { demandsToReturn, type CallEnding } from '../domain/limits/demands-to-return.ts';
import type { CounterStore } from '../ports/counter-store.ts';
import type { Carried } from '../domain/records/carried.ts';
import type { GuardOutcome } from './guard-protocol.ts';

/** Gives back what a call that has ended took: leases always, units as its limits say. Undefined: there is nothing to give back. */
export const returnUnits = (
  outcome: GuardOutcome,
  {
    carried,
    store,
    now,
  }: { readonly carried: Carried | undefined; readonly store: CounterStore; readonly now: number },
): Promise<void> | undefined => {
  if (carried?.taken === undefined) return undefined;
  const { takeId, hasLease, demands } = carried.taken;
  const ending = endingOf(outcome);
  const returned = ending === 'succeeded' && !hasLease ? [] : demandsToReturn(demands(), ending);
  const ended = (): void => store.ended?.(takeId);
  if (returned.length > 0) return store.giveBack(takeId, returned, now).then(ended);
  ended();
  return undefined;
};

const endingOf = ({ outcome, why }: GuardOutcome): CallEnding => {
  switch (outcome) {
    case 'refused':
    case 'guard_refused':
      return 'not_forwarded';
    case 'not_executed':
      // `gateway`: Kong itself answered before the server was asked.
      return why === 'gateway' ? 'not_forwarded' : 'client_error';
    case 'upstream_error':
      return 'server_error';
    case 'tool_error':
    case 'rpc_error':
      return 'tool_error';
    default:
      return 'succeeded';
  }
};
