import type { LimitDemand } from './demands-of.ts';
import { timeText } from './duration-text.ts';
import type { CounterState, LimitRule, Window } from './limit-rule.ts';

/** What somebody wants to know of one caller, without a call of theirs. The consumer is as Kong has it. */
export interface LimitsQuestion {
  readonly server: string;
  /** An MCP tool, or an operation of a REST API. */
  readonly tool: string;
  readonly consumer: {
    readonly id: string;
    readonly username?: string;
    readonly customId?: string;
    readonly tags: readonly string[];
  };
  /** ACL groups of the consumer. */
  readonly groups: readonly string[];
}

/** How one limit stands. Named as in the data of a refusal (docs/limits.md). */
export interface LimitLeft {
  readonly rule: string;
  readonly kind: LimitRule['kind'];
  /** Absent for `concurrent`, which has none: its places come back one by one. So is `resets_at`. */
  readonly window?: Window;
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  /** Units that one call takes. */
  readonly cost: number;
  /** RFC 3339, UTC. */
  readonly resets_at?: string;
}

/** Why nobody can say what is left. */
export type LimitsUnknown =
  /** No route of this node governs such a server, or none has been called yet: Kong starts a plugin with its first request. */
  | { readonly reason: 'unknown_server' }
  /** The REST API has no such operation. Which tools an MCP server has is the server's to say. */
  | { readonly reason: 'unknown_tool' }
  /** The consumer's tags name two tenants or applications: its calls are refused. */
  | { readonly reason: 'unclear_caller'; readonly detail: string }
  | { readonly reason: 'no_policy' }
  | { readonly reason: 'store_away' };

export interface Standing {
  readonly demand: LimitDemand;
  readonly state: CounterState;
}

/**
 * The limits that may refuse the next call. Shadow limits refuse nothing; what is left of a `repeat` limit depends on the
 * arguments, which nobody has sent.
 */
export const toLimitsLeft = (standings: readonly Standing[]): readonly LimitLeft[] =>
  standings
    .filter(({ demand }) => !demand.shadow && demand.kind !== 'repeat')
    .map(({ demand: { rule, kind, window, cost }, state: { limit, used, remaining, resetsAt } }) => ({
      ...{ rule, kind, limit, used, remaining, cost },
      ...(kind === 'concurrent' ? {} : { window, resets_at: timeText(resetsAt) }),
    }));
