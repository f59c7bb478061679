import type { Knex } from 'knex';
import { canonicalStatement } from '../domain/statements/canonical-statement.ts';
import { sealOfCanonical } from '../domain/statements/seal.ts';
import type { Statement } from '../domain/statements/statement.ts';
import type { Blocker } from './blocker.ts';
import type { StoredBucket } from './line-evidence.ts';
import type { UsageSnapshot } from './usage-snapshot.ts';

/** A statement that is ready to be stored. */
export interface NewStatement {
  readonly statement: Statement;
  readonly buckets: ReadonlyMap<number, readonly StoredBucket[]>;
  readonly minimumMinor: bigint | undefined;
  readonly isSealed: boolean;
  readonly blockers: readonly Blocker[];
  readonly forced: { readonly reason: string; readonly actor: string } | undefined;
}

/** Statements of one INSERT: with 40 tools some 5 MB of json. */
const STATEMENTS_PER_INSERT = 50;

/** Inserts them as drafts with all their parts, then seals: a sealed statement takes no more rows. */
export const writeStatements = async (
  transaction: Knex,
  statements: readonly NewStatement[],
  { snapshot, now }: { readonly snapshot: UsageSnapshot; readonly now: Date },
): Promise<void> => {
  for (let from = 0; from < statements.length; from += STATEMENTS_PER_INSERT) {
    const chunk = statements.slice(from, from + STATEMENTS_PER_INSERT);
    const documents = new Map(chunk.map((one) => [one.statement.id, canonicalStatement(one.statement)]));
    const insert = (sql: string, rows: readonly unknown[]): Promise<unknown> =>
      transaction.raw(sql, [JSON.stringify(rows, bigintAsText)]);
    await insert(
      insertStatements,
      chunk.map((one) => toStatementRow(one, { document: documents.get(one.statement.id) ?? '', snapshot, now })),
    );
    await insert(insertLines, chunk.flatMap(toLineRows));
    await insert(insertAllocations, chunk.flatMap(toAllocationRows));
    await insert(insertEvidence, chunk.flatMap(toEvidenceRows));
    const sealed = chunk
      .filter(({ isSealed }) => isSealed)
      .map(({ statement: { id } }) => ({ id, seal: sealOfCanonical(documents.get(id) ?? ''), now }));
    await insert(seal, sealed);
  }
};

const bigintAsText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

const toStatementRow = (
  { statement, minimumMinor, blockers, forced }: NewStatement,
  { document, snapshot, now }: { readonly document: string; readonly snapshot: UsageSnapshot; readonly now: Date },
): unknown => ({
  id: statement.id,
  tenant: statement.tenant,
  period_start: statement.periodStart,
  period_end: statement.periodEnd,
  revision: statement.revision,
  currency: statement.currency,
  subtotal_minor: statement.subtotalMinor,
  document,
  minimum_minor: minimumMinor ?? null,
  usage_as_of: snapshot.asOf,
  usage_links: snapshot.links,
  blockers,
  forced_reason: forced?.reason ?? null,
  forced_by: forced?.actor ?? null,
  created_at: now,
});

const insertStatements = `
  insert into billing.statement (id, tenant, period_start, period_end, revision, currency, subtotal_minor, state, document,
    minimum_minor, usage_as_of, usage_links, blockers, forced_reason, forced_by, created_at)
  select id, tenant, period_start, period_end, revision, currency, subtotal_minor, 'draft', document,
    minimum_minor, usage_as_of, usage_links, blockers, forced_reason, forced_by, created_at
  from json_to_recordset(?::json) as row (id text, tenant text, period_start date, period_end date, revision integer,
    currency text, subtotal_minor bigint, document text, minimum_minor bigint, usage_as_of timestamptz, usage_links jsonb,
    blockers jsonb, forced_reason text, forced_by text, created_at timestamptz)`;

const toLineRows = ({ statement: { id, lines } }: NewStatement): readonly unknown[] =>
  lines.map((line) => ({
    statement_id: id,
    line_no: line.lineNo,
    kind: line.kind,
    server: line.server,
    tool: line.tool,
    price_version_id: line.priceVersionId,
    adjustment_id: line.adjustmentId,
    description: line.description,
    quantity: line.quantity,
    free_quantity: line.freeQuantity,
    unit_amount: line.unitAmount,
    amount_minor: line.amountMinor,
    first_day: line.days[0],
    last_day: line.days[1],
    outcomes: line.outcomes,
    evidence_sha256: line.evidenceSha256,
  }));

const insertLines = `
  insert into billing.statement_line (statement_id, line_no, kind, server, tool, price_version_id, adjustment_id, description,
    quantity, free_quantity, unit_amount, amount_minor, first_day, last_day, outcomes, evidence_sha256)
  select statement_id, line_no, kind, server, tool, price_version_id, adjustment_id, description,
    quantity, free_quantity, unit_amount, amount_minor, first_day, last_day, outcomes, evidence_sha256
  from json_to_recordset(?::json) as row (statement_id text, line_no integer, kind text, server text, tool text,
    price_version_id text, adjustment_id text, description text, quantity bigint, free_quantity bigint, unit_amount text,
    amount_minor bigint, first_day date, last_day date, outcomes jsonb, evidence_sha256 text)`;

const toAllocationRows = ({ statement: { id, lines } }: NewStatement): readonly unknown[] =>
  lines.flatMap(({ lineNo, allocations }) =>
    allocations.map(({ team, costCenter, amountMinor, quantity }) => [
      id,
      lineNo,
      team,
      costCenter,
      amountMinor,
      quantity,
    ]),
  );

/** Arrays instead of objects: most rows of a close are these. */
const insertAllocations = `
  insert into billing.statement_allocation (statement_id, line_no, team, cost_center, amount_minor, quantity)
  select row ->> 0, (row ->> 1)::integer, row ->> 2, row ->> 3, (row ->> 4)::bigint, (row ->> 5)::bigint
  from json_array_elements(?::json) as row`;

const toEvidenceRows = ({ statement: { id }, buckets }: NewStatement): readonly unknown[] =>
  [...buckets].map(([lineNo, found]) => [id, lineNo, found]);

const insertEvidence = `
  insert into billing.statement_evidence (statement_id, line_no, buckets)
  select row ->> 0, (row ->> 1)::integer, row -> 2 from json_array_elements(?::json) as row`;

const seal = `
  update billing.statement s set state = 'sealed', seal_sha256 = row.seal, sealed_at = row.now
  from json_to_recordset(?::json) as row (id text, seal text, now timestamptz) where s.id = row.id`;
