import type { Caller } from '../caller.ts';
import { oncePerObject } from '../once-per-object.ts';
import { RecentMap } from '../policies/recent-map.ts';
import { compilePattern, matchesPattern } from '../policies/pattern.ts';
import type { Plan } from '../snapshot/snapshot.ts';
import type { CallerMatch } from '../rule.ts';
import { createCallerIndex } from '../policies/caller-index.ts';
import { limitKeys, tenantTag, type KeyAt } from './limit-key.ts';
import type { LimitRule, LimitScope } from './limit-rule.ts';
import { createWindows, type WindowAt } from './windows.ts';

interface CompiledLimit {
  readonly rule: LimitRule;
  /** The plan that it belongs to; part of its counters' keys. */
  readonly plan?: string;
  /** In one fixed order, each once. */
  readonly scope: readonly LimitScope[];
}

/** One limit that concerns a caller and a tool, ready to be counted. */
export interface FoundLimit extends Pick<CompiledLimit, 'rule' | 'scope'> {
  /** The key of the counter that a call raises; see `limitKeys`. */
  readonly keyAt: KeyAt;
}

export interface LimitSubject {
  readonly caller: Caller;
  readonly plan?: string;
  readonly server: string;
  readonly tool: string;
}

/** The limits of a snapshot, found by whom and what they concern. */
export interface CompiledLimits {
  /** The limits that concern a call: those of the snapshot first, then those of the plan. */
  find(subject: LimitSubject): readonly FoundLimit[];
  readonly windowAt: WindowAt;
  /** A lease that nobody gives back ends by itself after this time. */
  readonly maxCallMs: number;
}

export interface LimitsSource {
  readonly limits: readonly LimitRule[];
  readonly plans?: readonly Plan[];
}

/** Kong's longest usual read timeout; a stream that is open longer gives its lease up before it ends. */
export const DEFAULT_MAX_CALL_MS = 600_000;

/** Of one caller: tools that it uses lately. */
const MAX_TOOLS = 256;

/**
 * Compiles a snapshot's limits once. The first call of a caller to a tool finds its limits through exact names, later
 * ones under one key, so that neither grows with the number of applications. A caller is one object (`oneCaller`).
 */
export const compileLimits = (source: LimitsSource, options: { readonly maxCallMs?: number } = {}): CompiledLimits => {
  const shared = indexLimits(source.limits.map((rule) => compileLimit(rule)));
  const byPlan = new Map(
    (source.plans ?? []).map((plan) => [plan.id, indexLimits(plan.limits.map((rule) => compileLimit(rule, plan.id)))]),
  );
  const knownOf = oncePerObject((_: Caller) => new RecentMap<string, readonly FoundLimit[]>(MAX_TOOLS));
  return {
    find: (subject) => {
      const known = knownOf(subject.caller);
      const key = subjectKey(subject);
      const remembered = known.get(key);
      if (remembered !== undefined) return remembered;
      const ofPlan = subject.plan === undefined ? undefined : byPlan.get(subject.plan);
      const found = [...shared(subject), ...(ofPlan?.(subject) ?? [])].map((limit) => findFor(subject, limit));
      known.set(key, found);
      return found;
    },
    windowAt: createWindows(),
    maxCallMs: options.maxCallMs ?? DEFAULT_MAX_CALL_MS,
  };
};

/** No name holds a NUL: readers and schemas refuse control characters. */
const subjectKey = ({ plan = '', server, tool }: LimitSubject): string => `${plan}\0${server}\0${tool}`;

const scopeOrder: readonly LimitScope[] = ['tenant', 'application', 'user', 'server', 'tool'];

/** A loop is one caller's: two callers that ask the same thing do not make one. */
const repeatScope: readonly LimitScope[] = ['tenant', 'application', 'user', 'server', 'tool'];

const compileLimit = (rule: LimitRule, plan?: string): CompiledLimit => {
  const wanted = new Set([
    ...(plan === undefined ? rule.per : planScope(rule.per)),
    ...(rule.kind === 'repeat' ? repeatScope : []),
  ]);
  const scope = scopeOrder.filter((part) => wanted.has(part));
  return { rule, ...(plan === undefined ? {} : { plan }), scope };
};

const findFor = (subject: LimitSubject, { rule, plan, scope }: CompiledLimit): FoundLimit => {
  const values = scope.map((part) => scopeValue(part, subject));
  const tag = tenantTag(scope.includes('tenant') ? (subject.caller.tenant ?? null) : undefined);
  const parts = [rule.kind, plan ?? null, rule.id, scope.join(' '), ...values];
  return { rule, scope, keyAt: limitKeys(rule, { tag, parts }) };
};

/** A caller without a token's user or an application is told apart by its consumer; nameless callers share one counter. */
const scopeValue = (scope: LimitScope, { caller, server, tool }: LimitSubject): string | null => {
  switch (scope) {
    case 'tenant':
      return caller.tenant ?? null;
    case 'application':
      return named(caller.application, caller.consumerId);
    case 'user':
      return named(caller.user, caller.consumerId);
    case 'server':
      return server;
    case 'tool':
      return tool;
  }
};

const named = (name: string | undefined, consumerId: string | undefined): string | null => {
  if (name !== undefined) return `=${name}`;
  return consumerId === undefined ? null : `consumer ${consumerId}`;
};

/** A plan is counted per subscription. An application is one tenant's: naming the tenant keeps its counters together. */
const planScope = (per: readonly LimitScope[]): readonly LimitScope[] => {
  if (per.length === 0) return ['tenant', 'application', 'server'];
  return per.includes('application') ? ['tenant', ...per] : per;
};

const indexLimits = (limits: readonly CompiledLimit[]): ((subject: LimitSubject) => readonly CompiledLimit[]) => {
  const limitsOf = createCallerIndex(
    limits.map((limit) => ({
      match: everybodyIfNobody(limit.rule.callers),
      value: { limit, server: compileNames(limit.rule.servers), tool: compileNames(limit.rule.tools) },
    })),
  );
  return ({ caller, server, tool }) =>
    limitsOf(caller)
      .filter((each) => each.server(server) && each.tool(tool))
      .map((each) => each.limit);
};

/** Unlike a rule, a limit for nobody in particular also holds for callers that Kong did not authenticate. */
const everybodyIfNobody = (match: CallerMatch): CallerMatch =>
  Object.keys(match).length === 0 ? { anonymous: true } : match;

/** No name means all: a limit that limits nothing would be a mistake that nobody notices. */
const compileNames = (patterns: readonly string[]): ((name: string) => boolean) => {
  if (patterns.length === 0) return () => true;
  const compiled = patterns.map(compilePattern);
  return (name) => compiled.some((pattern) => matchesPattern(pattern, name));
};
