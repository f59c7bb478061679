import type { Caller } from '../../domain/caller.ts';
import type { JsonValue } from '../../domain/json/json-value.ts';
import type { ExplainedOpinion } from '../../domain/judge.ts';
import { compileCallerMatch, type CallerMatcher } from '../../domain/policies/caller-matcher.ts';
import { compileCondition, type CompiledCondition } from '../../domain/policies/condition.ts';
import { compilePattern, matchesPattern, type Pattern } from '../../domain/policies/pattern.ts';
import type { Condition, Snapshot, SnapshotRule } from '../../domain/snapshot/snapshot.ts';
import type { Item } from '../../domain/item-call.ts';
import { concernsServer } from './known-tools.ts';

/** A call of which some or all arguments are unknown. */
export interface OpenCall {
  readonly caller: Caller;
  readonly server: string;
  readonly item: Item;
  readonly method: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly arguments?: JsonValue;
  /** Whether `arguments` can be trusted at a JSON pointer; nothing is known when left out. */
  readonly isKnown?: (pointer: string) => boolean;
}

/** Finds the enforced rules whose answer depends on what is unknown about a call. */
export type FindOpenRules = (call: OpenCall) => readonly SnapshotRule[];

interface ConditionalRule {
  readonly rule: SnapshotRule;
  readonly matches: CallerMatcher;
  readonly patterns: Readonly<Record<Item['kind'], readonly Pattern[]>>;
  readonly conditions: readonly { readonly condition: Condition; readonly compiled: CompiledCondition }[];
}

/** Compiles the rules that look at arguments once; most policies have few. */
export const createOpenRules = (snapshot: Snapshot | undefined): FindOpenRules => {
  const rules = (snapshot?.rules ?? [])
    .filter((rule) => !rule.shadow && rule.phases.includes('call') && rule.when.some((each) => 'pointer' in each))
    .map(compileRule);
  return (call) => rules.filter((rule) => isOpen(rule, call)).map(({ rule }) => rule);
};

const compileRule = (rule: SnapshotRule): ConditionalRule => ({
  rule,
  matches: compileCallerMatch(rule.callers),
  patterns: {
    tool: rule.tools.map(compilePattern),
    prompt: rule.prompts.map(compilePattern),
    resource: rule.resources.map(compilePattern),
  },
  conditions: rule.when.map((condition) => ({ condition, compiled: compileCondition(condition) })),
});

const isOpen = ({ rule, matches, patterns, conditions }: ConditionalRule, call: OpenCall): boolean => {
  if (!concernsServer(rule.servers, call.server) || !matches(call.caller)) return false;
  if (!patterns[call.item.kind].some((pattern) => matchesPattern(pattern, call.item.name))) return false;
  const results = conditions.map(({ condition, compiled }) => {
    const isKnown = !('pointer' in condition) || call.isKnown?.(condition.pointer) === true;
    return compiled.evaluate({
      phase: 'call',
      now: call.at,
      method: call.method,
      ...(isKnown && call.arguments !== undefined ? { arguments: call.arguments } : {}),
    });
  });
  // A value that cannot be compared counts against the caller: it does not end an open deny, and ends an open allow.
  const isSettled = results.some(
    (result) => result === false || (result === 'incomparable' && rule.effect === 'allow'),
  );
  return !isSettled && results.includes('unknown');
};

/**
 * Of the open rules those that could turn the decision. Deny beats allow and silence denies: a denial that stands whatever the
 * arguments are is final, and so is an allow that no open rule denies.
 */
export const rulesThatCouldTurn = (
  opinions: readonly ExplainedOpinion[],
  open: readonly SnapshotRule[],
): readonly string[] => {
  const openIds = new Set(open.map(({ id }) => id));
  if (opinions.some(({ effect, rule }) => effect === 'deny' && !openIds.has(rule))) return [];
  const winner = opinions.find(({ decides }) => decides);
  const isAllowed = winner?.effect === 'allow';
  const turning = open.filter(({ id, effect }) => id === winner?.rule || effect === (isAllowed ? 'deny' : 'allow'));
  return turning.map(({ id }) => id);
};
