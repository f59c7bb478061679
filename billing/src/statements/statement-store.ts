import type { Knex } from 'knex';
import { readCanonicalStatement } from '../domain/statements/canonical-statement.ts';
import type { Statement } from '../domain/statements/statement.ts';
import type { Blocker } from './blocker.ts';

export type StatementState = 'draft' | 'sealed' | 'pushed' | 'verified' | 'finalized' | 'paid' | 'void';

/** A statement and what became of it. */
export interface StoredStatement {
  readonly statement: Statement;
  readonly state: StatementState;
  readonly createdAt: Date;
  readonly sealedAt?: Date;
  /** Of a draft: what it waits for. Of a sealed one: what was overridden, and why. */
  readonly blockers: readonly Blocker[];
  readonly forced?: { readonly reason: string; readonly actor: string };
  readonly voided?: { readonly reason: string; readonly actor: string; readonly at: Date };
  readonly stripeInvoiceId?: string;
}

export interface StatementRow {
  readonly id: string;
  readonly tenant: string;
  readonly period_start: string;
  readonly period_end: string;
  readonly revision: number;
  readonly currency: string;
  readonly subtotal_minor: bigint;
  readonly state: StatementState;
  readonly document: string;
  readonly minimum_minor: bigint | null;
  readonly usage_as_of: Date;
  readonly usage_links: Readonly<Record<string, number>>;
  readonly blockers: readonly Blocker[];
  readonly forced_reason: string | null;
  readonly forced_by: string | null;
  readonly seal_sha256: string | null;
  readonly sealed_at: Date | null;
  readonly created_at: Date;
  readonly void_reason: string | null;
  readonly voided_by: string | null;
  readonly voided_at: Date | null;
  readonly stripe_invoice_id: string | null;
}

export interface StatementFilter {
  readonly tenant?: string;
  /** First day of the period. */
  readonly periodStart?: string;
  readonly states?: readonly StatementState[];
}

/** Newest period first. */
export const listStatements = async (
  database: Knex,
  filter: StatementFilter = {},
): Promise<readonly StoredStatement[]> => (await selectStatements(database, filter)).map(readStatementRow);

export const selectStatements = async (
  database: Knex,
  { tenant, periodStart, states }: StatementFilter,
): Promise<readonly StatementRow[]> =>
  database('billing.statement')
    .where({
      ...(tenant === undefined ? {} : { tenant }),
      ...(periodStart === undefined ? {} : { period_start: periodStart }),
    })
    .modify((query) => {
      if (states !== undefined) void query.whereIn('state', states);
    })
    .orderBy([{ column: 'period_start', order: 'desc' }, 'tenant', { column: 'revision', order: 'desc' }])
    .select<readonly StatementRow[]>('*');

export const findStatementRow = (database: Knex, id: string): Promise<StatementRow | undefined> =>
  database('billing.statement').where({ id }).first<StatementRow | undefined>('*');

export const findStatement = async (database: Knex, id: string): Promise<StoredStatement | undefined> => {
  const row = await findStatementRow(database, id);
  return row === undefined ? undefined : readStatementRow(row);
};

/** A document that cannot be read was changed past the triggers: a bug or an attack, and no statement to work with. */
export const readStatementRow = (row: StatementRow): StoredStatement => {
  const read = readCanonicalStatement(row.document);
  if (!read.ok) throw new Error(`Statement ${row.id}: ${read.error}`);
  return {
    statement: row.seal_sha256 === null ? read.value : { ...read.value, sealSha256: row.seal_sha256 },
    state: row.state,
    createdAt: row.created_at,
    ...(row.sealed_at === null ? {} : { sealedAt: row.sealed_at }),
    blockers: row.blockers,
    ...(row.forced_reason === null ? {} : { forced: { reason: row.forced_reason, actor: row.forced_by ?? '' } }),
    ...(row.voided_at === null
      ? {}
      : { voided: { reason: row.void_reason ?? '', actor: row.voided_by ?? '', at: row.voided_at } }),
    ...(row.stripe_invoice_id === null ? {} : { stripeInvoiceId: row.stripe_invoice_id }),
  };
};
