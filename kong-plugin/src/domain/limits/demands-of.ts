import type { Call, Message } from '../call.ts';
import type { Caller } from '../caller.ts';
import type { JsonObject } from '../json/json-value.ts';
import { optionalFields } from '../defined-fields.ts';
import { argumentsDigest } from '../records/arguments-digest.ts';
import type { CompiledLimits, FoundLimit } from './compile-limits.ts';
import type { Demand, LimitScope } from './limit-rule.ts';

export interface DemandsInput {
  readonly message: Message;
  readonly caller: Caller;
  /** As the snapshot says it; wins over the caller's own. */
  readonly application?: string;
  readonly plan?: string;
  /** IANA name; UTC for a tenant that names none. */
  readonly tenantTimeZone?: string;
  readonly server: string;
  /** Units that one call of the tool costs. */
  readonly weightOf: (server: string, tool: string) => number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A demand that can also be explained to the caller. */
export interface LimitDemand extends Demand {
  readonly scope: readonly LimitScope[];
}

/** Far below 2^53, so that sums stay exact. */
const MAX_COST = 1_000_000_000;

/**
 * What a call needs of every counter that concerns it. Tool calls and REST operations count; handshakes, lists,
 * notifications and answers never do. A call that repeats an earlier one to answer `input_required` counts like any
 * other: the client alone says that it does (MCP facts §2, "MRTR and counting"). A stream that stays open
 * (`subscriptions/listen`, GET) holds a place of the concurrency limits, and costs no units.
 */
export const demandsOf = (input: DemandsInput, limits: CompiledLimits): readonly LimitDemand[] => {
  const counted = countedOf(input.message.call);
  if (counted === undefined) return [];
  const { server, plan } = input;
  const caller = callerOf(input);
  const found = limits.find(optionalFields({ caller, server, tool: counted.name, plan }));
  const call = { input, limits, counted };
  const demands: LimitDemand[] = [];
  for (const limit of found) {
    const demand = toDemand(limit, call);
    if (demand !== undefined) demands.push(demand);
  }
  return distinct(demands);
};

/** The same object where nothing differs: its key is known by then. */
const callerOf = ({ caller, application }: DemandsInput): Caller =>
  application === undefined || application === caller.application ? caller : { ...caller, application };

/** What is counted: under which name limits find it, and whether it is a call or a stream. */
interface Counted {
  /** Of a stream its method: a limit for all tools (`*`) covers it, and one may name it. */
  readonly name: string;
  /** Undefined for a stream. */
  readonly arguments: JsonObject | undefined;
}

const countedOf = (call: Call): Counted | undefined => {
  switch (call.kind) {
    case 'tool':
    case 'operation':
      return call;
    case 'listen':
    case 'stream':
      return { name: call.method, arguments: undefined };
    default:
      return undefined;
  }
};

interface CountedCall {
  readonly input: DemandsInput;
  readonly limits: CompiledLimits;
  readonly counted: Counted;
}

const toDemand = (limit: FoundLimit, call: CountedCall): LimitDemand | undefined => {
  const { rule } = limit;
  if (rule.kind !== 'concurrent' && call.counted.arguments === undefined) return undefined;
  const cost = rule.kind === 'rate' ? costOf(call) : 1;
  if (cost === 0) return undefined;
  const { startsAt, endsAt } = boundsOf(limit, call);
  return {
    rule: rule.id,
    kind: rule.kind,
    key: limit.keyAt(startsAt, rule.kind === 'repeat' ? argumentsDigest(call.counted.arguments ?? {}) : undefined),
    limit: rule.limit,
    cost,
    window: rule.window,
    startsAt,
    endsAt,
    whenStoreDown: rule.whenStoreDown,
    shadow: rule.shadow,
    giveBack: rule.giveBack,
    scope: limit.scope,
  };
};

/** Whole units, because counters are integers; a weight that is no number must not make a call free. */
const costOf = ({ input, counted }: CountedCall): number => {
  const weight = input.weightOf(input.server, counted.name);
  return weight >= 0 ? Math.min(Math.ceil(weight), MAX_COST) : 1;
};

const boundsOf = ({ rule }: FoundLimit, { input: { now, tenantTimeZone }, limits }: CountedCall) =>
  rule.kind === 'concurrent'
    ? { startsAt: now, endsAt: now + limits.maxCallMs }
    : limits.windowAt(rule.window, now, tenantTimeZone ?? 'UTC');

/** Two limits with one id would share a counter and raise it twice; the stricter one holds. */
const distinct = (demands: readonly LimitDemand[]): readonly LimitDemand[] => {
  if (!demands.some(({ key }, index) => demands.findIndex((other) => other.key === key) < index)) return demands;
  const byKey = new Map<string, LimitDemand>();
  for (const demand of demands) {
    const known = byKey.get(demand.key);
    if (known === undefined || isStricter(demand, known)) byKey.set(demand.key, demand);
  }
  return [...byKey.values()];
};

const isStricter = (left: Demand, right: Demand): boolean =>
  left.shadow === right.shadow ? left.limit < right.limit : !left.shadow;
