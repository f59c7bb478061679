import type { LimitRule, TakenUnits } from './limit-rule.ts';

/** How a call ended: never forwarded, or what the server made of it. */
export type CallEnding = 'not_forwarded' | 'succeeded' | LimitRule['giveBack'][number];

/** A place of a concurrency limit is among them: it is given back however the call ends. */
export const hasLease = (demands: readonly Pick<TakenUnits, 'kind'>[]): boolean => demands.some(isLease);

const isLease = ({ kind }: Pick<TakenUnits, 'kind'>): boolean => kind === 'concurrent';

/** The demands to give back once a call has ended: a lease always, units when nothing was forwarded or the limit says so. */
export const demandsToReturn = (demands: readonly TakenUnits[], ending: CallEnding): readonly TakenUnits[] =>
  demands.filter(
    (demand) =>
      isLease(demand) || ending === 'not_forwarded' || (ending !== 'succeeded' && demand.giveBack.includes(ending)),
  );
