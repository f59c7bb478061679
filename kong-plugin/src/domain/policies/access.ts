import { callerKey, type Caller } from '../caller.ts';
import type { ItemKind } from '../call.ts';
import type { CallerMatch, Rule } from '../rule.ts';
import {
  callerFields,
  callerValues,
  compileCallerMatch,
  type CallerField,
  type CallerMatcher,
} from './caller-matcher.ts';
import { LruMap } from './lru-map.ts';
import { createNameIndex, stronger, type Entry, type Found, type NameIndex } from './name-index.ts';

/** Callers whose rules are remembered; an entry is a short list of shared blocks, so 20,000 are a few megabytes. */
const MAX_CALLERS = 20_000;

/** Everything the rules say about one caller. */
export interface CallerAccess {
  /** The entry that decides about an item by its name as given; undefined is silence. */
  find(kind: ItemKind, name: string): Found | undefined;
  /** Some rule allows this caller something. */
  readonly allowsSomething: boolean;
  /** No list is ever filtered for this caller. */
  readonly seesEverything: boolean;
}

export type AccessOf = (caller: Caller) => CallerAccess;

/** The rules that name the same callers, compiled once and shared by all of those callers. */
interface Block {
  readonly matches: CallerMatcher;
  readonly names: Readonly<Record<Target, NameIndex>>;
  readonly allowsSomething: boolean;
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
 * Compiles the rules once. A caller's first call finds its blocks through exact consumers, tenants, tags, ...; only
 * rules whose callers are all patterns, or everyone, are tried one by one. Later calls find them under `callerKey`,
 * which two different callers never share.
 */
export const compileAccess = (rules: readonly Rule[]): AccessOf => {
  const blocksFor = indexBlocks(groupByCallers(rules));
  const known = new LruMap<string, CallerAccess>(MAX_CALLERS);
  return (caller) => {
    const key = callerKey(caller);
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const access = toAccess(blocksFor(caller));
    known.set(key, access);
    return access;
  };
};

interface RankedRule {
  readonly rule: Rule;
  readonly order: number;
}

const groupByCallers = (rules: readonly Rule[]): readonly (readonly RankedRule[])[] => {
  const groups = new Map<string, RankedRule[]>();
  rules.forEach((rule, order) => {
    const signature = signatureOf(rule.callers);
    const group = groups.get(signature);
    if (group === undefined) groups.set(signature, [{ rule, order }]);
    else group.push({ rule, order });
  });
  return [...groups.values()];
};

const signatureOf = (match: CallerMatch): string =>
  JSON.stringify([match.anonymous === true, ...callerFields.map((field) => match[field] ?? null)]);

const compileBlock = (match: CallerMatch, rules: readonly RankedRule[]): Block => {
  const namesOf = (target: Target): NameIndex =>
    createNameIndex(
      rules.flatMap(({ rule, order }) => {
        const entry: Entry = { order, rule: rule.id, effect: rule.effect };
        return rule[target].map((pattern) => [pattern, entry] as const);
      }),
    );
  return {
    matches: compileCallerMatch(match),
    names: { tools: namesOf('tools'), prompts: namesOf('prompts'), resources: namesOf('resources') },
    allowsSomething: rules.some(
      ({ rule }) => rule.effect === 'allow' && targets.some((target) => rule[target].length > 0),
    ),
  };
};

/** Finds the blocks of a caller without trying all of them. */
const indexBlocks = (groups: readonly (readonly RankedRule[])[]): ((caller: Caller) => readonly Block[]) => {
  const byValue = new Map(callerFields.map((field) => [field, new Map<string, Block[]>()]));
  const unindexed: Block[] = [];
  for (const rules of groups) {
    const match = rules[0]?.rule.callers ?? {};
    const block = compileBlock(match, rules);
    const field = exactField(match);
    if (field === undefined) unindexed.push(block);
    else for (const value of new Set(match[field])) addBlock(byValue.get(field), { value, block });
  }
  return (caller) => {
    const candidates = new Set(unindexed);
    for (const [field, blocks] of byValue)
      for (const value of callerValues(caller, field)) blocks.get(value)?.forEach((block) => candidates.add(block));
    return [...candidates].filter((block) => block.matches(caller));
  };
};

/** A field without a single pattern: a caller that lacks all its values cannot match. */
const exactField = (match: CallerMatch): CallerField | undefined =>
  callerFields.find((field) => match[field]?.every((pattern) => !pattern.includes('*')));

const addBlock = (
  blocks: Map<string, Block[]> | undefined,
  added: { readonly value: string; readonly block: Block },
): void => {
  const known = blocks?.get(added.value);
  if (known === undefined) blocks?.set(added.value, [added.block]);
  else known.push(added.block);
};

const toAccess = (blocks: readonly Block[]): CallerAccess => ({
  find: (kind, name) => {
    const target = targetOf[kind];
    let best: Found | undefined;
    for (const block of blocks) best = stronger(best, block.names[target].find(name));
    return best;
  },
  allowsSomething: blocks.some((block) => block.allowsSomething),
  seesEverything: targets.every(
    (target) =>
      blocks.some((block) => block.names[target].allowsEverything) &&
      !blocks.some((block) => block.names[target].deniesSomething),
  ),
});
