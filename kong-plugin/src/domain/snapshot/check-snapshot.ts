import { coversPattern } from '../policies/pattern.ts';
import type { CallerMatch } from '../rule.ts';
import { checkSnapshotRules, unknownTool } from './check-snapshot-rules.ts';
import { createToolsOf, toolsMatching, type ToolsOf } from './known-tools.ts';
import type { SnapshotIssue } from './snapshot-issue.ts';
import type { Snapshot } from './snapshot.ts';
import { closest, didYouMean } from './suggest.ts';

export interface CheckOptions {
  /** Names of the servers that the gateway governs; what is about others is reported. */
  readonly knownServers?: readonly string[];
}

/**
 * What a readable snapshot probably says by mistake: rules that can never match, plans that nobody has, names that
 * nothing has. None of it changes a decision.
 */
export const checkSnapshot = (snapshot: Snapshot, options: CheckOptions = {}): readonly SnapshotIssue[] => {
  const toolsOf = createToolsOf(snapshot, options);
  return [
    ...(options.knownServers === undefined ? [] : unknownServers(snapshot, options.knownServers)),
    ...checkSnapshotRules(snapshot.rules, toolsOf),
    ...unknownCallers(snapshot),
    ...sharedConsumers(snapshot),
    ...planFindings(snapshot, toolsOf),
    ...subscriptionFindings(snapshot, toolsOf),
    ...limitFindings(snapshot, toolsOf),
  ];
};

const unknownServers = (snapshot: Snapshot, knownServers: readonly string[]): readonly SnapshotIssue[] => {
  const known = new Set(['*', ...knownServers]);
  const named = [
    ...snapshot.servers.map(({ id }, index) => ({ path: `servers[${index}].id`, ids: [id] })),
    ...snapshot.rules.map(({ servers }, index) => ({ path: `rules[${index}].servers`, ids: servers })),
    ...snapshot.limits.map(({ servers }, index) => ({ path: `limits[${index}].servers`, ids: servers })),
  ];
  return named.flatMap(({ path, ids }) =>
    ids
      .filter((id) => !known.has(id))
      .map((id) => suggested({ path, problem: `The gateway has no server ${id}.` }, didYouMean(id, knownServers))),
  );
};

const suggested = (issue: SnapshotIssue, suggestion: string | undefined): SnapshotIssue =>
  suggestion === undefined ? issue : { ...issue, suggestion };

/** Tenants and applications may be named by tags alone, so that only a name that is nearly another is reported. */
const unknownCallers = (snapshot: Snapshot): readonly SnapshotIssue[] => {
  const known = {
    tenants: new Set(snapshot.tenants.map(({ id }) => id)),
    applications: new Set(snapshot.applications.map(({ id }) => id)),
  };
  const matches: readonly (readonly [string, CallerMatch])[] = [
    ...snapshot.rules.map(({ callers }, index) => [`rules[${index}].callers`, callers] as const),
    ...snapshot.limits.map(({ callers }, index) => [`limits[${index}].callers`, callers] as const),
  ];
  return matches.flatMap(([path, match]) =>
    (['tenants', 'applications'] as const).flatMap((field) =>
      (match[field] ?? []).flatMap((name, index) => {
        const meant = name.includes('*') || known[field].has(name) ? undefined : closest(name, known[field]);
        if (meant === undefined) return [];
        const problem = `${name} is not in ${field}.`;
        return [{ path: `${path}.${field}[${index}]`, problem, suggestion: `Did you mean ${meant}?` }];
      }),
    ),
  );
};

/** The first application that matches is the caller's, which may surprise. */
const sharedConsumers = ({ applications }: Snapshot): readonly SnapshotIssue[] => {
  const owners = new Map<string, string>();
  return applications.flatMap(({ id, match, tenant }, index) =>
    (['consumers', 'customIds'] as const).flatMap((field) =>
      (match[field] ?? []).flatMap((name) => {
        const key = JSON.stringify([field, name, tenant ?? null]);
        const owner = owners.get(key);
        if (owner === undefined) owners.set(key, id);
        const problem = `${name} is also in application ${owner ?? ''}, which comes first.`;
        return owner === undefined || owner === id || isNarrowed(match, field)
          ? []
          : [{ path: `applications[${index}].match`, problem }];
      }),
    ),
  );
};

const isNarrowed = (match: CallerMatch, field: keyof CallerMatch): boolean =>
  Object.keys(match).some((key) => key !== field && key !== 'anonymous');

const planFindings = ({ plans, subscriptions }: Snapshot, toolsOf: ToolsOf): readonly SnapshotIssue[] => {
  const serversOf = new Map<string, Set<string>>();
  for (const { plan, server } of subscriptions) serversOf.set(plan, (serversOf.get(plan) ?? new Set()).add(server));
  return plans.flatMap(({ id, tools: patterns }, index) => {
    const servers = serversOf.get(id);
    if (servers === undefined) return [{ path: `plans[${index}]`, problem: `Nobody subscribes to plan ${id}.` }];
    const tools = toolsOf([...servers]);
    if (tools === undefined) return [];
    return patterns.flatMap((pattern, position) =>
      toolsMatching(tools, pattern).length > 0
        ? []
        : [unknownTool(`plans[${index}].tools[${position}]`, { pattern, tools })],
    );
  });
};

const subscriptionFindings = (snapshot: Snapshot, toolsOf: ToolsOf): readonly SnapshotIssue[] => {
  const plans = new Map(snapshot.plans.map((plan) => [plan.id, plan.tools]));
  return snapshot.subscriptions.flatMap(({ server, plan, tools: patterns = [] }, index) => {
    const tools = patterns.length === 0 ? undefined : toolsOf([server]);
    return patterns.flatMap((pattern, position) => {
      const path = `subscriptions[${index}].tools[${position}]`;
      if (tools !== undefined && toolsMatching(tools, pattern).length === 0)
        return [unknownTool(path, { pattern, tools })];
      const included = plans.get(plan) ?? [];
      const isIncluded = pattern.includes('*') || included.some((wide) => coversPattern(wide, pattern));
      return isIncluded ? [] : [{ path, problem: `Plan ${plan} does not include ${pattern}.` }];
    });
  });
};

const limitFindings = ({ limits }: Snapshot, toolsOf: ToolsOf): readonly SnapshotIssue[] =>
  limits.flatMap(({ servers, tools: patterns }, index) => {
    const tools = toolsOf(servers);
    if (tools === undefined) return [];
    return patterns.flatMap((pattern, position) =>
      toolsMatching(tools, pattern).length > 0
        ? []
        : [unknownTool(`limits[${index}].tools[${position}]`, { pattern, tools })],
    );
  });
