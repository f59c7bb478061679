import type { Oracle, Verdict } from './oracle.ts';
import type { PolicedPlace } from './setup.ts';
import { callerOf, type Subject } from './subjects.ts';

export interface ToolQuestion {
  readonly oracle: Oracle;
  readonly place: PolicedPlace;
  readonly tool: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** May the subject use the tool? */
export const verdictOn = (subject: Subject, { oracle, place, tool, at }: ToolQuestion): Verdict => {
  const caller = callerOf(subject, { place, setup: oracle.setup });
  return caller.ok
    ? oracle.access({ place, caller: caller.value, item: { kind: 'tool', name: tool }, at })
    : ambiguousConsumer;
};

const refusedBefore = (rule: string): Omit<Verdict, 'reason'> => ({
  access: 'no',
  policy: 'request',
  rule,
  isListed: false,
  dependsOn: [],
});

/** Its tags name two tenants or applications: the plugin refuses everything. */
const ambiguousConsumer: Verdict = {
  ...refusedBefore('request:governance_unavailable'),
  reason: 'governance_unavailable',
};

/** Kong knows nobody of this name. */
export const missingConsumer: Verdict = { ...refusedBefore('request:unauthenticated'), reason: 'unauthenticated' };
