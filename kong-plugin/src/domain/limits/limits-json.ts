import { isTable } from '../json/table.ts';
import type { CounterState, Demand, Grant } from './limit-rule.ts';

/** Demands and grants as JSON between two programs that may be of different versions. */

/** The most limits that concern one call in any policy that passes its reader. */
const MAX_DEMANDS = 64;
const MAX_KEY_CHARACTERS = 4_096;

/** The demands of a question about counters; undefined when it is none. */
export const readDemands = (value: unknown): readonly Demand[] | undefined => {
  const demands = isTable(value) ? value['demands'] : undefined;
  if (!Array.isArray(demands) || demands.length > MAX_DEMANDS) return undefined;
  return demands.every(isDemand) ? (demands as readonly Demand[]) : undefined;
};

const windows: ReadonlySet<unknown> = new Set(['second', 'minute', 'hour', 'day', 'month']);
const kinds: ReadonlySet<unknown> = new Set(['rate', 'concurrent', 'repeat']);

const isDemand = (value: unknown): boolean =>
  isTable(value) &&
  isText(value['rule']) &&
  isText(value['key']) &&
  kinds.has(value['kind']) &&
  windows.has(value['window']) &&
  (value['whenStoreDown'] === 'deny' || value['whenStoreDown'] === 'allow') &&
  typeof value['shadow'] === 'boolean' &&
  Array.isArray(value['giveBack']) &&
  ['limit', 'cost', 'startsAt', 'endsAt'].every((name) => isCount(value[name]));

/** An answer about `count` demands; undefined when it is none. */
export const readGrant = (value: unknown, count: number): Grant | undefined => {
  if (!isTable(value) || !areStates(value['states']) || value['states'].length !== count) return undefined;
  const { granted, states } = value;
  const shadowExceeded = Array.isArray(value['shadowExceeded']) ? value['shadowExceeded'].filter(isText) : [];
  if (granted === true) return { granted, states, shadowExceeded };
  const exceeded = value['exceeded'];
  return granted === false && isState(exceeded) ? { granted, states, exceeded, shadowExceeded } : undefined;
};

const areStates = (value: unknown): value is readonly CounterState[] => Array.isArray(value) && value.every(isState);

const isState = (value: unknown): value is CounterState =>
  isTable(value) &&
  isText(value['rule']) &&
  ['limit', 'used', 'remaining', 'resetsAt'].every((name) => isCount(value[name]));

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_KEY_CHARACTERS;

const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
