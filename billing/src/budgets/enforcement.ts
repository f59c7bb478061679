import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import type { Database } from '../database/open-database.ts';
import { describeScope } from '../domain/budgets/budget.ts';
import { toGatewayLimits, type GatewayLimit } from '../domain/budgets/to-gateway-limits.ts';
import type { Issue } from '../domain/issue.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { monthOf } from '../domain/calendar/period.ts';
import { listBudgets } from './budget-store.ts';

/** What the gateway should refuse now. */
export interface Enforcement {
  /** The same state is the same revision. */
  readonly revision: string;
  readonly exhausted: readonly { readonly budget: string; readonly tenant: string; readonly scope: string }[];
  /** For `limits` of the gateway's policy document. */
  readonly limits: readonly GatewayLimit[];
}

/** From the states that the last comparison kept: if the worker is away, what was exhausted stays so until the month ends. */
export const currentEnforcement = async (
  database: Database,
  { now, tenant }: { readonly now: number; readonly tenant?: string },
): Promise<Enforcement> => {
  const periodStart = monthOf(new Date(now).toISOString().slice(0, 10)).start;
  const stored = await listBudgets(database, { periodStart, ...(tenant === undefined ? {} : { tenant }) });
  const exhausted = stored.filter(
    ({ budget, state }) => state?.isExhausted === true && budget.enforcement === 'enabled',
  );
  const limits = toGatewayLimits(
    exhausted.map(({ budget, state }) => ({ budget, spent: state?.spent ?? 0n, reached: [], isExhausted: true })),
  );
  return {
    revision: createHash('sha256')
      .update(JSON.stringify([periodStart, limits]))
      .digest('hex')
      .slice(0, 16),
    exhausted: exhausted.map(({ budget }) => ({
      ...{ budget: budget.id, tenant: budget.tenant, scope: describeScope(budget) },
    })),
    limits,
  };
};

/**
 * The operator's policy document (YAML or JSON; none: an empty one) with the limits of exhausted budgets added, as JSON. A
 * document that cannot be read gives issues and no policy: the gateway then keeps the one it has.
 */
export const composePolicy = (base: string | undefined, { limits, revision }: Enforcement): Result<string, Issue> => {
  const read = readDocument(base);
  if (!read.ok) return read;
  const { limits: own = [], revision: named, ...rest } = read.value;
  if (!Array.isArray(own))
    return failure({ path: 'limits', problem: 'Is no list.', suggestion: 'See docs/policy.md.' });
  const document = {
    ...rest,
    ...(typeof named === 'string' ? { revision: `${named.slice(0, 96)}+budgets.${revision}` } : {}),
    limits: [...(own as unknown[]), ...limits],
  };
  return success(`${JSON.stringify(document)}\n`);
};

const readDocument = (text: string | undefined): Result<Readonly<Record<string, unknown>>, Issue> => {
  if (text === undefined) return success({ version: 1 });
  try {
    const value: unknown = parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return success(value as Readonly<Record<string, unknown>>);
    return failure({ path: '', problem: 'The policy document is no mapping.', suggestion: 'See docs/policy.md.' });
  } catch (error) {
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return failure({ path: '', problem: `The policy document is neither YAML nor JSON: ${sentence}` });
  }
};
