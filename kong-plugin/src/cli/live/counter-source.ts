import type { Demand, Grant } from '../../domain/limits/limit-rule.ts';
import { failure, success, type Result } from '../../domain/result.ts';
import type { Arguments } from '../command.ts';
import type { Io } from '../io.ts';
import type { Problem } from '../problem.ts';

/** Where the counters of a running gateway are asked. */
export type CounterSource =
  | { readonly kind: 'redis' | 'postgres'; readonly url: string }
  /** The management API of a node, for counters that only its plugin server has. */
  | { readonly kind: 'node'; readonly url: string; readonly token: string };

/** How the counters stand for these demands, or a sentence that says why that is unknown. Nothing is counted. */
export type PeekCounters = (
  source: CounterSource,
  demands: readonly Demand[],
  now: number,
) => Promise<Result<Grant, string>>;

export const TOKEN_VARIABLE = 'MCP_GOVERNANCE_MANAGEMENT_TOKEN';

export const counterOptions = { counters: { type: 'string' }, node: { type: 'string' } } as const;

export const counterHelp = `  --counters URL    also ask these counters for the units left: redis://, rediss:// or postgres://
  --node URL        ... or the management API of a node, such as http://127.0.0.1:8110; its token is taken from the
                    environment variable ${TOKEN_VARIABLE}`;

const kinds: Readonly<Record<string, 'redis' | 'postgres'>> = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
};

/** What `--counters` or `--node` names; undefined without either. */
export const readCounterSource = (
  parameters: Arguments,
  io: Pick<Io, 'environment'>,
): Result<CounterSource | undefined, readonly Problem[]> => {
  const counters = parameters.option('counters');
  const node = parameters.option('node');
  if (counters !== undefined && node !== undefined)
    return failure([{ problem: 'give --counters or --node, not both: one store counts' }]);
  if (counters !== undefined) {
    const kind = URL.canParse(counters) ? kinds[new URL(counters).protocol] : undefined;
    if (kind !== undefined) return success({ kind, url: counters });
    // Not shown again: a URL that was mistyped may hold a password.
    return failure([{ problem: '--counters: expected a URL that begins with redis://, rediss:// or postgres://' }]);
  }
  if (node === undefined) return success(undefined);
  if (!URL.canParse(node) || !/^https?:$/.test(new URL(node).protocol))
    return failure([{ problem: '--node: expected a URL such as http://127.0.0.1:8110' }]);
  const token = io.environment(TOKEN_VARIABLE);
  if (token === undefined || token === '')
    return failure([{ problem: `--node needs the token of the management API in ${TOKEN_VARIABLE}` }]);
  return success({ kind: 'node', url: node, token });
};

/** Without user and password. */
export const nameOfSource = ({ kind, url }: CounterSource): string =>
  kind === 'node' ? new URL(url).origin : `${new URL(url).protocol}//${new URL(url).host}`;
