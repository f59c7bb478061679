import type { Demand, Grant } from '../../domain/limits/limit-rule.ts';
import { demandOf, noon } from '../../domain/limits/testing/fixtures.ts';
import type { CounterStore } from '../counter-store.ts';

export interface Subject {
  readonly name: string;
  /** A store that may share its server with others of the suite: every test uses keys of its own. */
  readonly create: () => CounterStore | Promise<CounterStore>;
}

let opened: CounterStore | undefined;
let serial = 0;
const run = `${process.pid}-${Date.now()}`;

export const openStore = async (create: Subject['create']): Promise<void> => {
  serial += 1;
  opened = await create();
};

export const closeStore = async (): Promise<void> => opened?.close();

export const store = (): CounterStore => {
  if (opened === undefined) throw new Error('no store is open');
  return opened;
};

/** A demand on a counter that no other test uses; the same name gives the same counter within a test. */
export const on = (name: string, demand: Partial<Demand> = {}): Demand => {
  const startsAt = demand.startsAt ?? noon;
  return demandOf({ rule: name, key: `{t:acme}["${name}",${serial},"${run}",${startsAt}]`, ...demand });
};

/** One of 2 calls that may run at once. */
export const lease = (name: string, demand: Partial<Demand> = {}): Demand => {
  const startsAt = demand.startsAt ?? noon;
  const key = `{t:acme}["lease","${name}",${serial},"${run}"]`;
  return demandOf({ rule: name, kind: 'concurrent', limit: 2, key, endsAt: startsAt + 600_000, ...demand });
};

export const id = (name: string | number): string => `${run}-${serial}-${name}`;

export const take = (name: string | number, demands: readonly Demand[], now = noon): Promise<Grant> =>
  store().take(id(name), demands, now);

export const giveBack = (name: string | number, demands: readonly Demand[], now = noon): Promise<void> =>
  store().giveBack(id(name), demands, now);

export const usedOf = async (demands: readonly Demand[], now = noon): Promise<readonly number[]> =>
  (await store().peek(demands, now)).states.map((state) => state.used);
