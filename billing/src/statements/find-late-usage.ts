import type { Knex } from 'knex';
import { queryRows } from '../database/query-rows.ts';
import { addDays } from '../domain/calendar/day.ts';
import { monthName } from '../domain/calendar/period.ts';
import { describeIssue } from '../domain/issue.ts';
import { lateDifferences, type LateDifference } from '../domain/statements/late-usage.ts';
import type { Statement } from '../domain/statements/statement.ts';
import { adjustmentId, listAdjustments, type NewAdjustment, type StoredAdjustment } from './adjustment-store.ts';
import { rateStatements, type Rates } from './rate-statements.ts';
import { readStatementRow, selectStatements, type StatementRow } from './statement-store.ts';

/** Who an adjustment that no person made is by. */
const ACTOR = 'month close';

/** Batches that were on their way when a statement was sealed carry an earlier time than it; ingest gives up within a minute. */
const MARGIN_MS = 120_000;

export interface LateUsage {
  readonly adjustments: readonly NewAdjustment[];
  /** Statements that could not be rated again: what they were made of is not there as it was. */
  readonly failures: readonly string[];
}

/**
 * Corrections for calls that were recorded after their month had been sealed. The statement of that month is rated again with
 * the usage of now and compared. The key names the state that was reached, so that looking twice corrects once.
 */
export const findLateUsage = async (
  database: Knex,
  { rates, now }: { readonly rates: Rates; readonly now: Date },
): Promise<LateUsage> => {
  const candidates = await findCandidates(database);
  const adjusted = await listAdjustments(database, {
    source: 'late',
    sourceStatementIds: candidates.map(({ id }) => id),
    isCancelled: false,
  });
  const found: NewAdjustment[] = [];
  const failures: string[] = [];
  for (const rows of groupByPeriod(candidates)) {
    const [first] = rows;
    if (first === undefined) continue;
    const period = { start: first.period_start, end: first.period_end };
    const sealed = rows.map((row) => ({ row, statement: readStatementRow(row).statement }));
    const tenants = sealed.map(({ row, statement }) => ({
      tenant: tenantOf(row, statement),
      revision: row.revision,
      adjustments: [],
    }));
    const rated = await rateStatements(database, { period, tenants, rates });
    rated.forEach((rerated, index) => {
      const statement = sealed[index]?.statement;
      if (statement === undefined) return;
      if (!rerated.ok) {
        failures.push(...rerated.error.map((issue) => `${statement.id}: ${describeIssue(issue)}`));
        return;
      }
      const before = adjusted.filter(({ sourceStatementId }) => sourceStatementId === statement.id);
      const differences = lateDifferences({
        sealed: statement,
        rerated: rerated.value,
        adjusted: before.map(toDifference),
      });
      found.push(...differences.map((difference) => toAdjustment(difference, { statement, before, now })));
    });
  }
  return { adjustments: found, failures };
};

/** Sealed statements with a record of their month that is younger than they are. Old months have few young blocks to look into. */
const findCandidates = async (database: Knex): Promise<readonly StatementRow[]> => {
  const rows = (
    await selectStatements(database, { states: ['sealed', 'pushed', 'verified', 'finalized', 'paid'] })
  ).filter(({ usage_as_of: asOf }) => asOf.getTime() > 0);
  const late: StatementRow[] = [];
  for (const month of groupByPeriod(rows)) {
    const [first] = month;
    if (first === undefined) continue;
    const since = Math.min(...month.map(({ usage_as_of: asOf }) => asOf.getTime())) - MARGIN_MS;
    const found = await queryRows<{ readonly tenant: string }>(
      database,
      `select distinct tenant from billing.invocation
       where occurred_at >= ?::date and occurred_at < ?::date and recorded_at > ? and tool is not null`,
      [first.period_start, first.period_end, new Date(since)],
    );
    const tenants = new Set(found.map(({ tenant }) => tenant));
    late.push(...month.filter(({ tenant }) => tenants.has(tenant)));
  }
  return late;
};

const groupByPeriod = (rows: readonly StatementRow[]): readonly (readonly StatementRow[])[] => {
  const periods = new Map<string, StatementRow[]>();
  for (const row of rows) {
    const key = `${row.period_start} ${row.period_end}`;
    periods.set(key, [...(periods.get(key) ?? []), row]);
  }
  return [...periods.values()];
};

/** As it was when the month was sealed. */
const tenantOf = (row: StatementRow, { tenantName }: Statement) => ({
  id: row.tenant,
  name: tenantName,
  currency: row.currency,
  ...(row.minimum_minor === null ? {} : { minimumMinor: row.minimum_minor }),
});

const toDifference = ({ server, tool, day, quantityDelta, amountMinor }: StoredAdjustment): LateDifference => ({
  ...(server === undefined ? {} : { server }),
  ...(tool === undefined ? {} : { tool }),
  day,
  quantityDelta,
  amountMinor,
});

const toAdjustment = (
  { server, tool, quantityDelta, amountMinor }: LateDifference,
  {
    statement,
    before,
    now,
  }: { readonly statement: Statement; readonly before: readonly StoredAdjustment[]; readonly now: Date },
): NewAdjustment => {
  const same = before.filter((one) => one.server === server && one.tool === tool);
  const quantity = same.reduce((sum, one) => sum + one.quantityDelta, quantityDelta);
  const amount = same.reduce((sum, one) => sum + one.amountMinor, amountMinor);
  const month = monthName({ start: statement.periodStart, end: statement.periodEnd });
  return {
    idempotencyKey: ['late', statement.id, server ?? '', tool ?? '', quantity, amount].join(' '),
    tenant: statement.tenant,
    ...(server === undefined || tool === undefined ? {} : { server, tool }),
    day: addDays(statement.periodEnd, -1),
    quantityDelta,
    amountMinor,
    currency: statement.currency,
    reason:
      tool === undefined
        ? `minimum of ${month} after late calls`
        : `calls of ${month} that arrived after its statement`,
    actor: ACTOR,
    source: 'late',
    settlement: 'next_statement',
    sourceStatementId: statement.id,
    createdAt: now,
  };
};

/** As it will be stored: for rating it before it is. */
export const asStored = (adjustment: NewAdjustment): NewAdjustment & { readonly id: string } => ({
  ...adjustment,
  id: adjustmentId(adjustment.idempotencyKey),
});
