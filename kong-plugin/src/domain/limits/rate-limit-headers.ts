import { secondsUntil } from './duration-text.ts';
import { rememberTexts } from '../remember-texts.ts';
import type { CounterState, Demand } from './limit-rule.ts';

export interface RateLimitInput {
  readonly states: readonly CounterState[];
  readonly demands: readonly Demand[];
  readonly now: number;
}

/** The two lists stay below 2 KB, of the 8 KB that most servers and proxies allow for all headers. */
const MAX_POLICIES = 8;
const MAX_NAME_CHARACTERS = 64;

interface Line {
  readonly state: CounterState;
  readonly demand: Demand;
}

/**
 * Headers that tell every caller, refused or not, where it stands: `RateLimit-Policy` and `RateLimit` as
 * draft-ietf-httpapi-ratelimit-headers-10 writes them (structured fields, one member a limit, the tightest first), and the
 * three fields of its earlier drafts, which Kong's own rate-limiting plugin and most clients use, for the tightest limit.
 * Shadow limits are not shown: they refuse nobody.
 */
export const rateLimitHeaders = (input: RateLimitInput): Readonly<Record<string, string>> => {
  const lines = tightestFirst(linesOf(input));
  const [tightest] = lines;
  if (tightest === undefined) return {};
  let policies = '';
  let standings = '';
  for (const line of lines.slice(0, MAX_POLICIES)) {
    const between = policies === '' ? '' : ', ';
    const name = quoted(line.state.rule);
    policies += `${between}${name}${policyOf(line)}`;
    standings += `${between}${name}${standingOf(line, input.now)}`;
  }
  return {
    'ratelimit-policy': policies,
    ratelimit: standings,
    'ratelimit-limit': String(tightest.state.limit),
    'ratelimit-remaining': String(tightest.state.remaining),
    'ratelimit-reset': String(secondsUntil(tightest.state.resetsAt, input.now)),
  };
};

/** A grant's states are in the order of the demands. */
const linesOf = ({ states, demands }: RateLimitInput): readonly Line[] => {
  const lines: Line[] = [];
  for (const [index, demand] of demands.entries()) {
    const state = states[index];
    if (state !== undefined && !demand.shadow) lines.push({ state, demand });
  }
  return lines;
};

const tightestFirst = (lines: readonly Line[]): readonly Line[] =>
  lines.toSorted(
    (left, right) => left.state.remaining - right.state.remaining || right.state.resetsAt - left.state.resetsAt,
  );

const policyOf = ({ state, demand }: Line): string => {
  if (demand.kind === 'concurrent') return `;q=${state.limit};qu="concurrent-requests"`;
  return `;q=${state.limit};w=${Math.round((demand.endsAt - demand.startsAt) / 1000)}`;
};

/** When a slot of running calls comes free is not known: no `t`. */
const standingOf = ({ state, demand }: Line, now: number): string =>
  demand.kind === 'concurrent'
    ? `;r=${state.remaining}`
    : `;r=${state.remaining};t=${secondsUntil(state.resetsAt, now)}`;

/** A string of RFC 9651 §3.3.3: printable ASCII, `"` and `\` escaped. */
const quoted = rememberTexts(
  (name: string): string =>
    `"${name
      .replace(/[^ -~]/g, '?')
      .slice(0, MAX_NAME_CHARACTERS)
      .replace(/["\\]/g, '\\$&')}"`,
);
