import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import type { Adjustment } from '../domain/statements/adjustment.ts';

/** `manual`: somebody decided it. `late`: calls that came after sealing. `credit`: part of a sealed statement given back. */
export type AdjustmentSource = 'manual' | 'late' | 'credit';

/** How the tenant gets it: a line of its next statement, or a credit note on the invoice it has. */
export type Settlement = 'next_statement' | 'credit_note';

export interface StoredAdjustment extends Adjustment {
  readonly currency: string;
  readonly actor: string;
  readonly source: AdjustmentSource;
  readonly settlement: Settlement;
  readonly sourceStatementId?: string;
  readonly sourceLineNo?: number;
  readonly createdAt: Date;
  readonly appliedStatementId?: string;
  readonly stripeCreditNoteId?: string;
  readonly cancelledAt?: Date;
}

export interface NewAdjustment extends Omit<Adjustment, 'id'> {
  readonly idempotencyKey: string;
  readonly currency: string;
  readonly actor: string;
  readonly source: AdjustmentSource;
  readonly settlement: Settlement;
  readonly sourceStatementId?: string;
  readonly sourceLineNo?: number;
  readonly createdAt: Date;
}

interface AdjustmentRow {
  readonly id: string;
  readonly tenant: string;
  readonly server: string | null;
  readonly tool: string | null;
  readonly day: string;
  readonly quantity_delta: bigint;
  readonly amount_minor: bigint;
  readonly currency: string;
  readonly reason: string;
  readonly actor: string;
  readonly source: AdjustmentSource;
  readonly settlement: Settlement;
  readonly source_statement_id: string | null;
  readonly source_line_no: number | null;
  readonly created_at: Date;
  readonly applied_statement_id: string | null;
  readonly stripe_credit_note_id: string | null;
  readonly cancelled_at: Date | null;
}

export interface AdjustmentFilter {
  readonly id?: string;
  readonly tenants?: readonly string[];
  readonly source?: AdjustmentSource;
  readonly sourceStatementIds?: readonly string[];
  readonly settlement?: Settlement;
  /** Neither on a statement nor a credit note nor cancelled. */
  readonly isPending?: true;
  readonly isCancelled?: false;
}

/** Oldest first. */
export const listAdjustments = async (
  database: Knex,
  filter: AdjustmentFilter = {},
): Promise<readonly StoredAdjustment[]> => {
  const rows = await database('billing.adjustment')
    .modify((query) => {
      if (filter.id !== undefined) void query.where({ id: filter.id });
      if (filter.tenants !== undefined) void query.whereIn('tenant', filter.tenants);
      if (filter.source !== undefined) void query.where({ source: filter.source });
      if (filter.settlement !== undefined) void query.where({ settlement: filter.settlement });
      if (filter.sourceStatementIds !== undefined) void query.whereIn('source_statement_id', filter.sourceStatementIds);
      if (filter.isPending === true) void query.whereNull('applied_statement_id').whereNull('stripe_credit_note_id');
      if (filter.isPending === true || filter.isCancelled === false) void query.whereNull('cancelled_at');
    })
    .orderBy(['created_at', 'id'])
    .select<readonly AdjustmentRow[]>('*');
  return rows.map(readAdjustmentRow);
};

/** Made of the key: the same key is the same adjustment, on every node and at every try. */
export const adjustmentId = (idempotencyKey: string): string =>
  `adj_${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 24)}`;

/** Inserts those whose key is new. The id is made of the key, so that of two at once either index may see the other first. */
export const insertAdjustments = async (transaction: Knex, adjustments: readonly NewAdjustment[]): Promise<void> => {
  if (adjustments.length === 0) return;
  await transaction('billing.adjustment').insert(adjustments.map(toRow)).onConflict().ignore();
};

const toRow = (adjustment: NewAdjustment): Readonly<Record<string, unknown>> => ({
  id: adjustmentId(adjustment.idempotencyKey),
  idempotency_key: adjustment.idempotencyKey,
  tenant: adjustment.tenant,
  server: adjustment.server ?? null,
  tool: adjustment.tool ?? null,
  day: adjustment.day,
  quantity_delta: adjustment.quantityDelta.toString(),
  amount_minor: adjustment.amountMinor.toString(),
  currency: adjustment.currency,
  reason: adjustment.reason,
  actor: adjustment.actor,
  source: adjustment.source,
  settlement: adjustment.settlement,
  source_statement_id: adjustment.sourceStatementId ?? null,
  source_line_no: adjustment.sourceLineNo ?? null,
  created_at: adjustment.createdAt,
});

const readAdjustmentRow = (row: AdjustmentRow): StoredAdjustment => ({
  id: row.id,
  tenant: row.tenant,
  ...(row.server === null ? {} : { server: row.server }),
  ...(row.tool === null ? {} : { tool: row.tool }),
  day: row.day,
  quantityDelta: row.quantity_delta,
  amountMinor: row.amount_minor,
  currency: row.currency,
  reason: row.reason,
  actor: row.actor,
  source: row.source,
  settlement: row.settlement,
  ...(row.source_statement_id === null ? {} : { sourceStatementId: row.source_statement_id }),
  ...(row.source_line_no === null ? {} : { sourceLineNo: row.source_line_no }),
  createdAt: row.created_at,
  ...(row.applied_statement_id === null ? {} : { appliedStatementId: row.applied_statement_id }),
  ...(row.stripe_credit_note_id === null ? {} : { stripeCreditNoteId: row.stripe_credit_note_id }),
  ...(row.cancelled_at === null ? {} : { cancelledAt: row.cancelled_at }),
});
