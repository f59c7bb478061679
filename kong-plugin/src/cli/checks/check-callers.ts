import { callerFields, type CallerField } from '../../domain/policies/caller-matcher.ts';
import { compilePattern, isExact, matchesPattern } from '../../domain/policies/pattern.ts';
import type { CallerMatch } from '../../domain/rule.ts';
import { didYouMean } from '../../domain/snapshot/suggest.ts';
import type { Problem } from '../problem.ts';
import { problemAt } from '../kong/governed-place.ts';
import type { LoadedPolicy, PolicedPlace, Setup } from '../policy/setup.ts';
import { callerOf, subjectsOf } from '../policy/subjects.ts';
import { errorAt, warningAt, type Finding } from './finding.ts';

/** Do the names in rules belong to consumers of the file, and is every consumer one tenant and one application? */
export const checkCallers = (setup: Setup): readonly Finding[] => [
  ...distinct(setup.places.flatMap((place) => ambiguousConsumers(setup, place))),
  // Consumers may live in Kong's database; then the file can say nothing about them.
  ...(setup.kong.consumers.length === 0 ? [] : unknownNames(setup)),
];

const ambiguousConsumers = (setup: Setup, place: PolicedPlace): readonly Finding[] =>
  subjectsOf(setup).flatMap((subject) => {
    const caller = callerOf(subject, { place, setup });
    if (caller.ok) return [];
    const { consumer } = subject;
    return [
      errorAt(
        {
          file: setup.kong.file,
          ...(consumer?.line === undefined ? {} : { line: consumer.line }),
          path: `consumer ${subject.name}`,
        },
        caller.error,
      ),
    ];
  });

const distinct = (findings: readonly Finding[]): readonly Finding[] => [
  ...new Map(findings.map((finding) => [`${finding.path ?? ''} ${finding.problem}`, finding])).values(),
];

type NamesOf = (field: CallerField) => readonly string[];

const unknownNames = (setup: Setup): readonly Finding[] => [
  ...setup.places.flatMap((place) => {
    const names = namesAt(setup, place);
    const at = problemAt(setup.kong, place);
    return place.config.server.rules.flatMap((rule) =>
      unmatched(rule.callers, names).map((problem) => warningAt(at, `rule ${rule.id}: ${problem}`)),
    );
  }),
  ...setup.policies.flatMap((policy) => unknownInPolicy(setup, policy)),
];

/** What the consumers of the file can show for a field at one place. */
const namesAt = (setup: Setup, place: PolicedPlace): NamesOf => {
  const callers = subjectsOf(setup).flatMap((subject) => {
    const caller = callerOf(subject, { place, setup });
    return caller.ok ? [caller.value] : [];
  });
  const applications = place.policy?.snapshot.applications ?? [];
  const known: Readonly<Record<CallerField, readonly string[]>> = {
    consumers: setup.kong.consumers.flatMap(({ username }) => username ?? []),
    customIds: setup.kong.consumers.flatMap(({ customId }) => customId ?? []),
    applications: [...callers.flatMap(({ application }) => application ?? []), ...applications.map(({ id }) => id)],
    tenants: [
      ...callers.flatMap(({ tenant }) => tenant ?? []),
      ...(place.policy?.snapshot.tenants ?? []).map(({ id }) => id),
    ],
    groups: setup.kong.consumers.flatMap(({ groups }) => groups),
    tags: setup.kong.consumers.flatMap(({ tags }) => tags),
  };
  return (field) => known[field];
};

const unknownInPolicy = (setup: Setup, { snapshot, at: document }: LoadedPolicy): readonly Finding[] => {
  const place = setup.places.find(({ policy }) => policy?.snapshot === snapshot);
  if (place === undefined) return [];
  const names = namesAt(setup, place);
  const at = (path: string): Omit<Problem, 'problem'> => ({
    ...document,
    path: document.path === undefined ? path : `${document.path}: ${path}`,
  });
  const matches: readonly (readonly [string, CallerMatch])[] = [
    ...snapshot.applications.map(({ id, match }) => [`application ${id}`, match] as const),
    ...snapshot.rules.map(({ id, callers }) => [`rule ${id}`, callers] as const),
    ...snapshot.limits.map(({ id, callers }) => [`limit ${id}`, callers] as const),
  ];
  return matches.flatMap(([path, match]) => unmatched(match, names).map((problem) => warningAt(at(path), problem)));
};

const words: Readonly<Record<CallerField, string>> = {
  consumers: 'consumer is named',
  customIds: 'consumer has the custom_id',
  applications: 'consumer belongs to the application',
  tenants: 'consumer belongs to the tenant',
  groups: 'consumer is in the ACL group',
  tags: 'consumer has the tag',
};

const unmatched = (match: CallerMatch, names: NamesOf): readonly string[] =>
  callerFields.flatMap((field) =>
    (match[field] ?? []).flatMap((text) => {
      const pattern = compilePattern(text);
      const known = names(field);
      if (text === '' || known.some((name) => matchesPattern(pattern, name))) return [];
      const hint = isExact(pattern) ? didYouMean(text, known) : undefined;
      return [`no ${words[field]} ${text}${hint === undefined ? '' : `. ${hint}`}`];
    }),
  );
