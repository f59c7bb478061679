import type { LimitRule, TakenUnits } from './limit-rule.ts';

/** How a call ended: never forwarded, or what the server made of it. */
export type CallEnding = 'not_forwarded' | 'succeeded' | LimitRule['giveBack'][number];

/** The demands to give back once a call has ended: a lease always, units when nothing was forwarded or the limit says so. */
export const demandsToReturn = (demands: readonly TakenUnits[], ending: CallEnding): readonly TakenUnits[] =>
  demands.filter(
    (demand) =>
      demand.kind === 'concurrent' ||
      ending === 'not_forwarded' ||
      (ending !== 'succeeded' && demand.giveBack.includes(ending)),
  );
