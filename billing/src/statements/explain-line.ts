import type { Knex } from 'knex';
import { queryRows } from '../database/query-rows.ts';
import { addDays } from '../domain/calendar/day.ts';
import type { Issue } from '../domain/issue.ts';
import type { PriceVersion } from '../domain/pricing/price-version.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { EvidenceBucket } from '../domain/statements/evidence.ts';
import { explainAmount } from '../domain/statements/explain-amount.ts';
import type { StatementLine } from '../domain/statements/statement.ts';
import { readPriceRow, type PriceRow } from '../price-book/price-rows.ts';
import { listAdjustments, type StoredAdjustment } from './adjustment-store.ts';
import { readBucket, type StoredBucket } from './line-evidence.ts';
import { TOOL_KINDS } from './load-usage.ts';
import { findStatementRow, readStatementRow, type StatementRow, type StoredStatement } from './statement-store.ts';
import { findUnseen } from './usage-snapshot.ts';

/** A call that a line bills. */
export interface BilledInvocation {
  readonly id: string;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
  readonly application: string;
  readonly user?: string;
  readonly outcome: string;
  readonly status: number;
  readonly latencyMs: number;
  readonly traceId?: string;
  readonly contentSha256: string;
}

export interface LineExplanation {
  readonly stored: StoredStatement;
  readonly line: StatementLine;
  /** How the amount came about, a sentence a step. */
  readonly steps: readonly string[];
  readonly price?: PriceVersion;
  /** What was hashed when the statement was sealed, by day and outcome. */
  readonly buckets: readonly EvidenceBucket[];
  /** Of a correction: what it is and where it came from. */
  readonly adjustment?: StoredAdjustment;
  /** One page, oldest first; empty for lines that no call made, and when single records are no longer kept. */
  readonly invocations: readonly BilledInvocation[];
  /** Gives the next page; absent on the last. */
  readonly nextCursor?: string;
}

export interface ExplainQuery {
  readonly statementId: string;
  readonly lineNo: number;
  readonly cursor?: string;
  /** 1 to 1,000; 100 when absent. */
  readonly limit?: number;
}

/** More on one page nobody reads, and an export takes pages. */
const MAX_PAGE = 1_000;
const DEFAULT_PAGE = 100;

/** A line down to the calls that it bills. */
export const explainLine = async (database: Knex, query: ExplainQuery): Promise<Result<LineExplanation, Issue>> => {
  const row = await findStatementRow(database, query.statementId);
  if (row === undefined) return failure({ path: 'statement', problem: `There is no statement ${query.statementId}.` });
  const stored = readStatementRow(row);
  const line = stored.statement.lines.find(({ lineNo }) => lineNo === query.lineNo);
  if (line === undefined)
    return failure({
      path: 'line',
      problem: `${row.id} has lines 1 to ${stored.statement.lines.length}, not ${query.lineNo}.`,
    });
  const cursor = query.cursor === undefined ? undefined : readCursor(query.cursor);
  if (query.cursor !== undefined && cursor === undefined)
    return failure({ path: 'cursor', problem: 'Is not one that this API gave.' });
  const limit = Math.min(MAX_PAGE, Math.max(1, query.limit ?? DEFAULT_PAGE));
  const price = await findPrice(database, line.priceVersionId);
  const [adjustment] =
    line.adjustmentId === undefined ? [] : await listAdjustments(database, { id: line.adjustmentId });
  const invocations = await findInvocations(database, { row, line, cursor, limit: limit + 1 });
  const last = invocations.length > limit ? invocations[limit - 1] : undefined;
  return success({
    stored,
    line,
    steps: explainAmount(stored.statement, line, price),
    ...(price === undefined ? {} : { price }),
    buckets: await findBuckets(database, row.id, line.lineNo),
    ...(adjustment === undefined ? {} : { adjustment }),
    invocations: invocations.slice(0, limit),
    ...(last === undefined ? {} : { nextCursor: `${last.occurredAt.toISOString()}_${last.id}` }),
  });
};

const findPrice = async (database: Knex, id: string | undefined): Promise<PriceVersion | undefined> => {
  if (id === undefined) return undefined;
  const row = await database('billing.price_version').where({ id }).first<PriceRow | undefined>('*');
  return row === undefined ? undefined : readPriceRow(row);
};

export const findBuckets = async (
  database: Knex,
  statementId: string,
  lineNo: number,
): Promise<readonly EvidenceBucket[]> => {
  const row = await database('billing.statement_evidence')
    .where({ statement_id: statementId, line_no: lineNo })
    .first<{ readonly buckets: readonly StoredBucket[] } | undefined>('buckets');
  return (row?.buckets ?? []).map(readBucket);
};

interface Cursor {
  readonly occurredAt: string;
  readonly id: string;
}

const readCursor = (text: string): Cursor | undefined => {
  const match = /^(\d{4}-\d{2}-\d{2}T[\d:.]{12}Z)_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text);
  const [, occurredAt, id] = match ?? [];
  return occurredAt === undefined || id === undefined || Number.isNaN(Date.parse(occurredAt))
    ? undefined
    : { occurredAt, id };
};

interface InvocationColumns {
  readonly id: string;
  readonly occurred_at: Date;
  readonly recorded_at: Date;
  readonly application: string;
  readonly user_id: string | null;
  readonly outcome: string;
  readonly status: number;
  readonly latency_ms: number;
  readonly trace_id: string | null;
  readonly content_sha256: string;
}

/** Those that were counted when the statement was made: later ones are on the correction that they caused. */
const findInvocations = async (
  database: Knex,
  {
    row,
    line,
    cursor,
    limit,
  }: {
    readonly row: StatementRow;
    readonly line: StatementLine;
    readonly cursor: Cursor | undefined;
    readonly limit: number;
  },
): Promise<readonly BilledInvocation[]> => {
  const { server, tool, days, outcomes } = line;
  if (server === undefined || tool === undefined || outcomes.billed.length === 0) return [];
  const unseen = await findUnseen(database, { asOf: row.usage_as_of, links: row.usage_links });
  const rows = await queryRows<InvocationColumns>(
    database,
    `select id, occurred_at, recorded_at, application, user_id, outcome, status, latency_ms, trace_id,
       encode(content_sha256, 'hex') as content_sha256
     from billing.invocation
     where tenant = ? and server = ? and tool = ? and kind = any (?) and outcome = any (?) and recorded_at <= ? and id <> all (?::uuid[])
       and occurred_at >= greatest(?::timestamptz, ?::timestamptz) and occurred_at < ?::date
       and (occurred_at, id) > (?::timestamptz, ?::uuid)
     order by occurred_at, id limit ?`,
    [
      row.tenant,
      server,
      tool,
      [...TOOL_KINDS],
      outcomes.billed.map(({ outcome }) => outcome),
      row.usage_as_of,
      [...unseen],
      days[0],
      cursor?.occurredAt ?? days[0],
      addDays(days[1], 1),
      cursor?.occurredAt ?? '-infinity',
      cursor?.id ?? '00000000-0000-0000-0000-000000000000',
      limit,
    ],
  );
  return rows.map(toBilledInvocation);
};

const toBilledInvocation = (row: InvocationColumns): BilledInvocation => ({
  id: row.id,
  occurredAt: row.occurred_at,
  recordedAt: row.recorded_at,
  application: row.application,
  ...(row.user_id === null ? {} : { user: row.user_id }),
  outcome: row.outcome,
  status: row.status,
  latencyMs: row.latency_ms,
  ...(row.trace_id === null ? {} : { traceId: row.trace_id }),
  contentSha256: row.content_sha256,
});
