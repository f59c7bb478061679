import { callerKey, type Caller } from '../caller.ts';
import type { ItemKind } from '../call.ts';
import type { CallerMatch } from '../rule.ts';
import { createCallerIndex } from './caller-index.ts';
import { callerFields } from './caller-matcher.ts';
import { termsOf, type AnyRule, type ConditionalFound, type RuleTerms } from './conditional-rule.ts';
import { createLocalClocks } from './local-time.ts';
import { RecentMap } from './recent-map.ts';
import { createNameIndex, stronger, type Entry, type Found, type NameIndex } from './name-index.ts';
import { createPatternBuckets, type PatternBuckets } from './pattern-buckets.ts';
import { isExact, compilePattern } from './pattern.ts';

/** Callers whose rules are remembered; an entry is a short list of shared blocks, so 40,000 are some megabytes. */
export const MAX_CALLERS = 40_000;

/** Everything the rules say about one caller. */
export interface CallerAccess {
  /** The entry that decides about an item by its name as given, of the rules that always count; undefined is silence. */
  find(kind: ItemKind, name: string): Found | undefined;
  /** Entries of the rules that depend on the situation: conditions, phases, shadow mode. */
  findConditional(kind: ItemKind, name: string): readonly ConditionalFound[];
  /** Some rule allows this caller something. */
  readonly allowsSomething: boolean;
  /** No list is ever filtered for this caller. */
  readonly seesEverything: boolean;
}

export type AccessOf = (caller: Caller) => CallerAccess;

/** The rules that name the same callers, compiled once and shared by all of those callers. */
interface Block {
  readonly names: Readonly<Record<Target, NameIndex>>;
  /** Undefined when none of the rules depends on the situation, which is the rule. */
  readonly conditional: Readonly<Record<Target, PatternBuckets<ConditionalFound>>> | undefined;
  readonly allowsSomething: boolean;
  readonly mayHide: boolean;
}

const targets = ['tools', 'prompts', 'resources'] as const;
type Target = (typeof targets)[number];

const targetOf: Readonly<Record<ItemKind, Target>> = {
  tool: 'tools',
  prompt: 'prompts',
  resource: 'resources',
  resourceTemplate: 'resources',
};

/**
 * Compiles the rules once. A caller's first call finds its blocks through exact consumers, tenants, tags, ...; later
 * calls find them under `callerKey`, which two different callers never share.
 */
export const compileAccess = (rules: readonly AnyRule[]): AccessOf => {
  const accessOf = compileRules(rules);
  const known = new RecentMap<string, CallerAccess>(MAX_CALLERS);
  return (caller) => {
    const key = callerKey(caller);
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const access = accessOf(caller);
    known.set(key, access);
    return access;
  };
};

/** The same without a memory, for who keeps one. */
export const compileRules = (rules: readonly AnyRule[]): AccessOf => {
  const blocksFor = createCallerIndex(
    groupByCallers(rules).map(({ match, ranked }) => ({ match, value: toBlock(ranked) })),
  );
  return (caller) => toAccess(blocksFor(caller));
};

interface RankedRule {
  readonly rule: AnyRule;
  readonly order: number;
  readonly terms: RuleTerms | undefined;
}

interface Group {
  readonly match: CallerMatch;
  readonly ranked: RankedRule[];
}

const groupByCallers = (rules: readonly AnyRule[]): readonly Group[] => {
  const groups = new Map<string, Group>();
  const clockOf = createLocalClocks();
  rules.forEach((rule, order) => {
    const signature = signatureOf(rule.callers);
    const ranked = { rule, order, terms: termsOf(rule, clockOf) };
    const group = groups.get(signature);
    if (group === undefined) groups.set(signature, { match: rule.callers, ranked: [ranked] });
    else group.ranked.push(ranked);
  });
  return [...groups.values()];
};

const signatureOf = (match: CallerMatch): string =>
  JSON.stringify([match.anonymous === true, ...callerFields.map((field) => match[field] ?? null)]);

const toBlock = (rules: readonly RankedRule[]): Block => {
  const plain = rules.filter(({ terms }) => terms === undefined);
  const conditional = rules.filter(({ terms }) => terms !== undefined);
  const enforced = rules.filter(({ terms }) => terms?.shadow !== true);
  return {
    names: forTargets((target) => createNameIndex(entriesOf(plain, target))),
    conditional:
      conditional.length === 0
        ? undefined
        : forTargets((target) => createPatternBuckets(conditionalEntries(conditional, target))),
    allowsSomething: enforced.some(
      ({ rule }) => rule.effect === 'allow' && targets.some((target) => rule[target].length > 0),
    ),
    mayHide: enforced.some(({ rule, terms }) => terms?.phases.includes('list') === true && rule.effect === 'deny'),
  };
};

const forTargets = <Value>(create: (target: Target) => Value): Readonly<Record<Target, Value>> => ({
  tools: create('tools'),
  prompts: create('prompts'),
  resources: create('resources'),
});

const entriesOf = (rules: readonly RankedRule[], target: Target): readonly (readonly [string, Entry])[] =>
  rules.flatMap(({ rule, order }) => {
    const entry: Entry = { order, rule: rule.id, effect: rule.effect };
    return rule[target].map((pattern) => [pattern, entry] as const);
  });

const conditionalEntries = (
  rules: readonly RankedRule[],
  target: Target,
): readonly (readonly [string, ConditionalFound])[] =>
  rules.flatMap(({ rule, order, terms }) =>
    terms === undefined
      ? []
      : rule[target].map((pattern) => {
          const found = { order, rule: rule.id, effect: rule.effect, isExact: isExact(compilePattern(pattern)), terms };
          return [pattern, found] as const;
        }),
  );

const toAccess = (blocks: readonly Block[]): CallerAccess => ({
  find: findIn(blocks),
  findConditional: findConditional(blocks.flatMap(({ conditional }) => conditional ?? [])),
  allowsSomething: blocks.some((block) => block.allowsSomething),
  seesEverything:
    !blocks.some((block) => block.mayHide) &&
    targets.every(
      (target) =>
        blocks.some((block) => block.names[target].allowsEverything) &&
        !blocks.some((block) => block.names[target].deniesSomething),
    ),
});

const findIn = (blocks: readonly Block[]): CallerAccess['find'] => {
  const [only] = blocks;
  // Nearly every caller has one block; what is not in between need not be fetched from cold memory.
  if (only !== undefined && blocks.length === 1) {
    const { names } = only;
    return (kind, name) => names[targetOf[kind]].find(name);
  }
  return (kind, name) => {
    const target = targetOf[kind];
    let best: Found | undefined;
    for (const block of blocks) best = stronger(best, block.names[target].find(name));
    return best;
  };
};

const noEntries: readonly ConditionalFound[] = [];

/** A rule that matches by several of its patterns counts once, as the most exact. */
const findConditional = (
  blocks: readonly Readonly<Record<Target, PatternBuckets<ConditionalFound>>>[],
): CallerAccess['findConditional'] => {
  if (blocks.length === 0) return () => noEntries;
  return (kind, name) => {
    const found = new Map<number, ConditionalFound>();
    for (const block of blocks)
      block[targetOf[kind]].visit(name, (entry) => {
        if (entry.isExact || !found.has(entry.order)) found.set(entry.order, entry);
      });
    return [...found.values()];
  };
};
