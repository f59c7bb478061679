import { coversRule, MAX_COMPARISONS } from '../policies/check-rules.ts';
import { pointerTokens } from '../policies/json-pointer.ts';
import { findContradictions } from './find-contradictions.ts';
import { toolsMatching, type ToolsOf } from './known-tools.ts';
import { placeInSchema, type SchemaPlace } from './schema-argument.ts';
import type { SnapshotIssue } from './snapshot-issue.ts';
import type { Condition, SnapshotRule, SnapshotTool } from './snapshot.ts';
import { didYouMean } from './suggest.ts';

/** Rules that can never match, or never matter. */
export const checkSnapshotRules = (rules: readonly SnapshotRule[], toolsOf: ToolsOf): readonly SnapshotIssue[] => [
  ...rules.flatMap((rule, index) => checkRule(rule, { path: `rules[${index}]`, tools: toolsOf(rule.servers) })),
  ...overruled(rules),
];

interface Context {
  readonly path: string;
  readonly tools: readonly SnapshotTool[] | undefined;
}

const checkRule = (rule: SnapshotRule, context: Context): readonly SnapshotIssue[] => {
  const { path } = context;
  if (targets.every((target) => rule[target].length === 0))
    return [{ path, problem: `Rule ${rule.id} names no tools, prompts or resources and never matches.` }];
  return [
    ...unknownTools(rule, context),
    ...unknownArguments(rule, context),
    ...withoutArguments(rule, path),
    ...findContradictions(rule.when).map((problem) => ({ path: `${path}.when`, problem })),
  ];
};

const targets = ['tools', 'prompts', 'resources'] as const;

/** A pattern that denies what does not exist yet is foresight; a name is a typing error. */
const unknownTools = (
  { tools: patterns, effect }: SnapshotRule,
  { path, tools }: Context,
): readonly SnapshotIssue[] => {
  if (tools === undefined) return [];
  return patterns.flatMap((pattern, index) => {
    if ((effect === 'deny' && pattern.includes('*')) || toolsMatching(tools, pattern).length > 0) return [];
    return [unknownTool(`${path}.tools[${index}]`, { pattern, tools })];
  });
};

export const unknownTool = (
  path: string,
  { pattern, tools }: { readonly pattern: string; readonly tools: readonly SnapshotTool[] },
): SnapshotIssue => {
  const isPattern = pattern.includes('*');
  const problem = isPattern ? `No tool of its servers matches ${pattern}.` : `Its servers have no tool ${pattern}.`;
  const suggestion = isPattern
    ? undefined
    : didYouMean(
        pattern,
        tools.map(({ name }) => name),
      );
  return { path, problem, ...(suggestion === undefined ? {} : { suggestion }) };
};

const unknownArguments = (rule: SnapshotRule, { path, tools }: Context): readonly SnapshotIssue[] => {
  const isOther = rule.prompts.length + rule.resources.length > 0;
  const named = new Set(tools === undefined ? [] : rule.tools.flatMap((pattern) => toolsMatching(tools, pattern)));
  const schemas = [...named].map(({ inputSchema }) => inputSchema);
  if (isOther || schemas.length === 0) return [];
  return rule.when.flatMap((condition, index) => {
    if (!('pointer' in condition)) return [];
    const places = schemas.map((schema): SchemaPlace =>
      schema === undefined ? { known: 'unknown' } : placeInSchema(schema, pointerTokens(condition.pointer)),
    );
    return argumentIssue(condition, { places, path: `${path}.when[${index}]` });
  });
};

const argumentIssue = (
  { pointer, test }: Extract<Condition, { pointer: string }>,
  { places, path }: { readonly places: readonly SchemaPlace[]; readonly path: string },
): readonly SnapshotIssue[] => {
  if (test.operator === 'exists' && !test.value) return [];
  const absent = places.flatMap((place) => (place.known === 'absent' ? [place.names] : []));
  if (absent.length === places.length) {
    const last = pointerTokens(pointer).at(-1) ?? '';
    const suggestion = didYouMean(last, absent.flat());
    const problem = `No tool of the rule has an argument ${pointer}; the condition never holds.`;
    return [{ path, problem, ...(suggestion === undefined ? {} : { suggestion }) }];
  }
  const wanted = typesFor[test.operator];
  const types = places.map((place) => (place.known === 'present' ? place.types : undefined));
  const isMismatch = types.every((each) => each !== undefined && wanted?.some((type) => each.has(type)) === false);
  if (wanted === undefined || !isMismatch) return [];
  const found = [...new Set(types.flatMap((each) => [...(each ?? [])]))].join(' or ');
  return [
    { path, problem: `${pointer} is ${found} in the tool's schema; ${test.operator} is about ${wanted[0] ?? ''}.` },
  ];
};

/** JSON Schema types that an operator is about; the others take any. */
const typesFor: Readonly<Record<string, readonly string[] | undefined>> = {
  ...Object.fromEntries(['less', 'at_most', 'greater', 'at_least'].map((name) => [name, ['number', 'integer']])),
  ...Object.fromEntries(['like', 'not_like'].map((name) => [name, ['string']])),
  ...Object.fromEntries(['longer_than', 'shorter_than'].map((name) => [name, ['string', 'array']])),
};

const withoutArguments = (rule: SnapshotRule, path: string): readonly SnapshotIssue[] => {
  const needs = rule.when.find(
    (condition) => 'pointer' in condition && !(condition.test.operator === 'exists' && !condition.test.value),
  );
  return needs === undefined || rule.tools.length + rule.prompts.length > 0
    ? []
    : [{ path: `${path}.when`, problem: 'Resources have no arguments; conditions on arguments never hold.' }];
};

/** Allows that a deny always beats, and conditions that another allow makes pointless. */
const overruled = (rules: readonly SnapshotRule[]): readonly SnapshotIssue[] => {
  const wide = rules.filter((rule) => rule.when.length === 0 && !rule.shadow);
  const allows = rules.filter(({ effect }) => effect === 'allow').length;
  if (allows * wide.length > MAX_COMPARISONS)
    return [
      {
        path: 'rules',
        problem: `${allows} allow rules and ${wide.length} unconditional ones are too many to compare.`,
      },
    ];
  return rules.flatMap((rule, index) => {
    if (rule.effect === 'deny') return [];
    const covering = wide.filter((other) => other !== rule && coversSnapshotRule(other, rule));
    const deny = covering.find(({ effect }) => effect === 'deny');
    if (deny !== undefined) {
      const problem = `Rule ${rule.id} never allows anything, because rule ${deny.id} denies all of it.`;
      return [{ path: `rules[${index}]`, problem, suggestion: `Remove one or narrow ${deny.id}.` }];
    }
    const [allow] = covering;
    if (allow === undefined || rule.when.length === 0) return [];
    const problem = `Rule ${rule.id} limits nothing, because rule ${allow.id} allows all of it without conditions.`;
    return [{ path: `rules[${index}].when`, problem, suggestion: `Narrow ${allow.id}.` }];
  });
};

const coversSnapshotRule = (wide: SnapshotRule, narrow: SnapshotRule): boolean =>
  narrow.phases.every((phase) => wide.phases.includes(phase)) &&
  (wide.servers.includes('*') || narrow.servers.every((server) => wide.servers.includes(server))) &&
  targets.some((target) => narrow[target].length > 0) &&
  coversRule(wide, narrow);
