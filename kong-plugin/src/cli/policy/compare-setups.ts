import { knownToolsAndPatterns } from './known-tools.ts';
import { compareLimits, type LimitChange } from './compare-limits.ts';
import { createOracle, type Access, type Oracle, type Verdict } from './oracle.ts';
import { placeLabel } from './questions.ts';
import type { PolicedPlace, Setup } from './setup.ts';
import { concerns, subjectsOf, type Subject } from './subjects.ts';
import { missingConsumer, verdictOn } from './verdict-on.ts';

export interface ComparisonInput {
  readonly before: Setup;
  readonly after: Setup;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly server?: string;
  /** Names of tools in records. */
  readonly recorded: (server: string) => readonly string[];
}

export interface AccessChange {
  /** `arguments`: may use it with other arguments than before. */
  readonly change: 'gains' | 'loses' | 'shown' | 'hidden' | 'arguments';
  readonly consumer: string;
  readonly server: string;
  readonly tool: string;
  readonly before: Verdict;
  readonly after: Verdict;
}

export interface Comparison {
  readonly access: readonly AccessChange[];
  readonly servers: readonly { readonly server: string; readonly change: 'governed' | 'ungoverned' }[];
  readonly limits: readonly LimitChange[];
}

/** Everything that two setups answer differently. */
export const compareSetups = (input: ComparisonInput): Comparison => {
  const [before, after] = [sidesOf(input.before, input.server), sidesOf(input.after, input.server)];
  const both = [...after].flatMap(([label, side]): readonly SidePair[] => {
    const old = before.get(label);
    return old === undefined ? [] : [{ label, before: old, after: side }];
  });
  return {
    access: both.flatMap((pair) => compareAccess(pair, input)),
    servers: [
      ...missing(after, before).map((server) => ({ server, change: 'governed' as const })),
      ...missing(before, after).map((server) => ({ server, change: 'ungoverned' as const })),
    ],
    limits: compareLimits(input.before.policies, input.after.policies),
  };
};

/** By the name of the server. */
const sidesOf = (setup: Setup, server: string | undefined): ReadonlyMap<string, Side> => {
  const oracle = createOracle(setup);
  const subjects = byName(setup);
  return new Map(
    setup.places
      .filter((place) => server === undefined || place.server === server)
      .map((place) => [placeLabel(place, setup), { oracle, place, subjects }]),
  );
};

const missing = (from: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): readonly string[] =>
  [...from.keys()].filter((label) => !other.has(label));

/** One of the two, at one server. */
interface Side {
  readonly oracle: Oracle;
  readonly place: PolicedPlace;
  readonly subjects: ReadonlyMap<string, Subject>;
}

interface SidePair {
  readonly label: string;
  readonly before: Side;
  readonly after: Side;
}

interface Answer {
  readonly verdict: Verdict;
  readonly place: PolicedPlace;
}

const compareAccess = (
  { label, before, after }: SidePair,
  { at, recorded }: ComparisonInput,
): readonly AccessChange[] => {
  const tools = new Set([
    ...knownToolsAndPatterns(before.place, recorded(before.place.server)),
    ...knownToolsAndPatterns(after.place),
  ]);
  const names = new Set([...after.subjects.keys(), ...before.subjects.keys()]);
  return [...names].flatMap((name) =>
    [...tools].flatMap((tool): readonly AccessChange[] => {
      const old = answerOf(before, { name, tool, at });
      const now = answerOf(after, { name, tool, at });
      const change = changeOf(old, now);
      if (change === undefined) return [];
      return [
        { change, consumer: name.replace(/^=/, ''), server: label, tool, before: old.verdict, after: now.verdict },
      ];
    }),
  );
};

const answerOf = (
  { oracle, place, subjects }: Side,
  { name, tool, at }: { readonly name: string; readonly tool: string; readonly at: number },
): Answer => {
  const subject = subjects.get(name);
  const isKnown = subject !== undefined && concerns(place, subject);
  return { place, verdict: isKnown ? verdictOn(subject, { oracle, place, tool, at }) : missingConsumer };
};

/** A consumer may be called "anonymous" and be somebody all the same. */
const byName = (setup: Setup): ReadonlyMap<string, Subject> =>
  new Map(subjectsOf(setup).map((subject) => [`${subject.consumer === undefined ? '' : '='}${subject.name}`, subject]));

const rank: Readonly<Record<Access, number>> = { no: 0, depends: 1, yes: 2 };

const changeOf = (before: Answer, after: Answer): AccessChange['change'] | undefined => {
  const difference = rank[after.verdict.access] - rank[before.verdict.access];
  if (difference !== 0) return difference > 0 ? 'gains' : 'loses';
  if (before.verdict.isListed !== after.verdict.isListed) return after.verdict.isListed ? 'shown' : 'hidden';
  return conditionsOf(before) === conditionsOf(after) ? undefined : 'arguments';
};

/** What the rules that look at arguments say, as text to compare. */
const conditionsOf = ({ verdict, place }: Answer): string => {
  if (verdict.dependsOn.length === 0) return '';
  const rules = place.policy?.snapshot.rules ?? [];
  const looking = rules.filter(({ id }) => verdict.dependsOn.includes(id));
  return JSON.stringify(looking.map(({ effect, when }) => ({ effect, when })));
};
