import type { Day } from '../calendar/day.ts';
import { FULL_WEIGHT_BP, type AllocationRule } from './allocation-rule.ts';

/** What is called, by what, when. Empty strings where that is not known. */
export interface AllocationSubject {
  readonly application: string;
  readonly server: string;
  readonly tool: string;
  readonly day: Day;
}

export interface AllocationShare {
  readonly team: string;
  readonly costCenter: string;
  readonly weightBp: number;
}

export interface AllocationBook {
  /** Who bears the call; the weights add up to 10,000, the unallocated share (empty names) included. */
  readonly sharesOf: (subject: AllocationSubject) => readonly AllocationShare[];
}

const UNALLOCATED: readonly AllocationShare[] = [{ team: '', costCenter: '', weightBp: FULL_WEIGHT_BP }];

/**
 * The rules of one tenant. Those that match most closely decide alone: what names more of application, tool and server
 * matches more closely, in this order.
 */
export const createAllocationBook = (rules: readonly AllocationRule[]): AllocationBook => {
  const sorted = [...rules].sort((left, right) => (left.id < right.id ? -1 : 1));
  const cache = new Map<string, readonly AllocationShare[]>();
  return {
    sharesOf: (subject) => {
      if (sorted.length === 0) return UNALLOCATED;
      const key = [subject.application, subject.server, subject.tool, subject.day].join('\n');
      const known = cache.get(key);
      if (known !== undefined) return known;
      const shares = decide(sorted, subject);
      cache.set(key, shares);
      return shares;
    },
  };
};

const decide = (rules: readonly AllocationRule[], subject: AllocationSubject): readonly AllocationShare[] => {
  const matching = rules.filter((rule) => matches(rule, subject));
  const closest = Math.max(...matching.map(closenessOf));
  const deciding = matching.filter((rule) => closenessOf(rule) === closest);
  if (deciding.length === 0) return UNALLOCATED;
  const left = FULL_WEIGHT_BP - deciding.reduce((sum, { weightBp }) => sum + weightBp, 0);
  return [...deciding, ...(left > 0 ? [{ team: '', costCenter: '', weightBp: left }] : [])].map(
    ({ team, costCenter, weightBp }) => ({ team, costCenter, weightBp }),
  );
};

const matches = (rule: AllocationRule, { application, server, tool, day }: AllocationSubject): boolean =>
  (rule.application === undefined || rule.application === application) &&
  (rule.server === undefined || rule.server === server) &&
  (rule.tool === undefined || rule.tool === tool) &&
  rule.effectiveFrom <= day &&
  (rule.effectiveTo === undefined || day < rule.effectiveTo);

export const closenessOf = ({ application, server, tool }: AllocationRule): number =>
  (application === undefined ? 0 : 4) + (tool === undefined ? 0 : 2) + (server === undefined ? 0 : 1);
