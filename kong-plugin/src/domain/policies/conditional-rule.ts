import type { Rule } from '../rule.ts';
import type { SnapshotRule } from '../snapshot/snapshot.ts';
import { compileCondition, type CompiledCondition, type Situation } from './condition.ts';
import type { LocalClock } from './local-time.ts';
import type { Found } from './name-index.ts';

/** A rule of the configuration, or of a snapshot with all that only a snapshot can say. */
export type AnyRule = Rule & Partial<Pick<SnapshotRule, 'when' | 'phases' | 'shadow' | 'message'>>;

/** What makes a rule more than names: compiled once and shared by the rule's patterns. */
export interface RuleTerms {
  readonly when: readonly CompiledCondition[];
  readonly phases: readonly ('list' | 'call')[];
  readonly shadow: boolean;
  readonly message?: string;
}

export interface ConditionalFound extends Found {
  readonly terms: RuleTerms;
}

/** Undefined for a rule that always counts, in lists and calls alike: those are found without looking at a situation. */
export const termsOf = (
  { when = [], phases = ['list', 'call'], shadow = false, message }: AnyRule,
  clockOf: (zone: string) => LocalClock,
): RuleTerms | undefined =>
  when.length === 0 && phases.length === 2 && !shadow && message === undefined
    ? undefined
    : {
        when: when.map((condition) => compileCondition(condition, clockOf)),
        phases,
        shadow,
        ...(message === undefined ? {} : { message }),
      };

/**
 * `holds`: all conditions do. `fails`: `failed` does not, the first that is not about arguments if there is one.
 * `open`: it depends on arguments that nobody knows yet.
 */
export type RuleState =
  { readonly state: 'holds' | 'open' } | { readonly state: 'fails'; readonly failed: CompiledCondition };

const holds: RuleState = { state: 'holds' };
const open: RuleState = { state: 'open' };

/** Where a comparison cannot be made, a deny holds and an allow fails. */
export const evaluateRule = ({ effect, terms }: ConditionalFound, situation: Situation): RuleState => {
  let isOpen = false;
  let failed: CompiledCondition | undefined;
  for (const condition of terms.when) {
    const result = condition.evaluate(situation);
    if (result === 'unknown') isOpen = true;
    else if (result === false || (result === 'incomparable' && effect === 'allow')) {
      if (!condition.isAboutArguments) return { state: 'fails', failed: condition };
      failed ??= condition;
    }
  }
  if (failed !== undefined) return { state: 'fails', failed };
  return isOpen ? open : holds;
};

/** An item shows when some arguments could be allowed, and hides only when all would be denied. */
export const counts = ({ effect }: ConditionalFound, { state }: RuleState): boolean =>
  state === 'holds' || (state === 'open' && effect === 'allow');
