import type { InvocationRow } from '../invocations/invocation-row.ts';

/** What a batch adds to one row of the daily usage. */
export interface UsageDelta {
  readonly tenant: string;
  /** `YYYY-MM-DD`, the UTC day of `occurredAt`. */
  readonly day: string;
  readonly server: string;
  readonly tool: string;
  readonly kind: string;
  readonly application: string;
  readonly outcome: string;
  readonly count: number;
  readonly latencyMsSum: number;
  readonly latencyMsMax: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

type Summed = { -readonly [Field in keyof UsageDelta]: UsageDelta[Field] };

/** No field holds a control character (`field-checks.ts`), so that two keys are equal only when all their fields are. */
const SEPARATOR = '\u001f';

/**
 * Invocations that name a tool, by day, tenant, application, server, tool, kind and outcome. Sorted: two transactions that
 * change the same rows in the same order wait for each other instead of deadlocking.
 */
export const sumInvocations = (rows: readonly InvocationRow[]): readonly UsageDelta[] => {
  const sums = new Map<string, Summed>();
  for (const row of rows) {
    if (row.tool === undefined) continue;
    const day = row.occurredAt.slice(0, 10);
    const key = [row.tenant, day, row.server, row.tool, row.kind, row.application, row.outcome].join(SEPARATOR);
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, firstOf(row, row.tool, day));
    else add(sum, row);
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
};

const firstOf = (row: InvocationRow, tool: string, day: string): Summed => ({
  tenant: row.tenant,
  day,
  server: row.server,
  tool,
  kind: row.kind,
  application: row.application,
  outcome: row.outcome,
  count: 1,
  latencyMsSum: row.latencyMs,
  latencyMsMax: row.latencyMs,
  requestBytes: row.requestBytes,
  responseBytes: row.responseBytes,
});

const add = (sum: Summed, row: InvocationRow): void => {
  sum.count += 1;
  sum.latencyMsSum += row.latencyMs;
  sum.latencyMsMax = Math.max(sum.latencyMsMax, row.latencyMs);
  sum.requestBytes += row.requestBytes;
  sum.responseBytes += row.responseBytes;
};
