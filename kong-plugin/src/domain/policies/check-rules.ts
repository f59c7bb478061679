import type { CallerMatch, Rule } from '../rule.ts';
import { callerFields } from './caller-matcher.ts';
import { coversPattern } from './pattern.ts';

const targets = ['tools', 'prompts', 'resources'] as const;

/** Pairs of an allow and a deny that are compared; past this (about 0.1 s) overlaps are left to the operator. */
export const MAX_COMPARISONS = 100_000;

/** What is wrong with the rules, each as a sentence that names the rule and the fix. None of it changes a decision. */
export const checkRules = (
  rules: readonly Rule[],
  options: { readonly server?: 'mcp' | 'rest' } = {},
): readonly string[] => [
  ...rules.flatMap(emptyPatterns),
  ...rules.flatMap((rule) => missingTargets(rule, options.server ?? 'mcp')),
  ...shadowedRules(rules),
];

const missingTargets = (rule: Rule, server: 'mcp' | 'rest'): readonly string[] => {
  if (targets.every((target) => rule[target].length === 0))
    return [`Rule ${rule.id}: names no tools, prompts or resources and never matches; name some or remove the rule.`];
  if (server === 'rest' && rule.tools.length === 0)
    return [`Rule ${rule.id}: a REST API has no prompts or resources; name its operations in tools.`];
  return [];
};

const emptyPatterns = (rule: Rule): readonly string[] => [
  ...targets.flatMap((target) =>
    rule[target].includes('')
      ? [`Rule ${rule.id}: ${target} has an empty pattern, which never matches; remove it or write *.`]
      : [],
  ),
  ...callerFields.flatMap((field) => emptyCallers(rule, field)),
];

const emptyCallers = (rule: Rule, field: (typeof callerFields)[number]): readonly string[] => {
  const patterns = rule.callers[field];
  if (patterns?.length === 0)
    return [`Rule ${rule.id}: callers.${field} is an empty list and matches nobody; leave it out or fill it.`];
  if (patterns?.includes('') === true)
    return [`Rule ${rule.id}: callers.${field} has an empty pattern, which never matches; remove it or write *.`];
  return [];
};

const shadowedRules = (rules: readonly Rule[]): readonly string[] => {
  const denies = rules.filter((rule) => rule.effect === 'deny' && hasTargets(rule));
  const allows = rules.filter((rule) => rule.effect === 'allow' && hasTargets(rule));
  if (allows.length * denies.length > MAX_COMPARISONS)
    return [
      `Rules: ${allows.length} allow and ${denies.length} deny rules are too many to look for allows that a deny overrules; merge deny rules that name the same callers.`,
    ];
  return allows.flatMap((allow) => {
    const deny = denies.find((candidate) => coversRule(candidate, allow));
    return deny === undefined
      ? []
      : [
          `Rule ${allow.id}: never allows anything, because rule ${deny.id} denies all of it; remove one or narrow ${deny.id}.`,
        ];
  });
};

const hasTargets = (rule: Rule): boolean => targets.some((target) => rule[target].length > 0);

/** Does `wide` concern every caller and item that `narrow` does? */
export const coversRule = (wide: Rule, narrow: Rule): boolean =>
  coversCallers(wide.callers, narrow.callers) && targets.every((target) => coversAll(wide[target], narrow[target]));

const coversCallers = (wide: CallerMatch, narrow: CallerMatch): boolean =>
  (narrow.anonymous !== true || wide.anonymous === true) &&
  callerFields.every((field) => {
    const wanted = wide[field];
    if (wanted === undefined) return true;
    const given = narrow[field];
    return given !== undefined && coversAll(wanted, given);
  });

const coversAll = (wide: readonly string[], narrow: readonly string[]): boolean =>
  narrow.every((pattern) => wide.some((candidate) => coversPattern(candidate, pattern)));
