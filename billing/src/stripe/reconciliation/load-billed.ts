import { queryRows } from '../../database/query-rows.ts';
import type { InvoiceCounts } from '../../domain/reconciliation/reconcile-period.ts';
import { findInvoice } from '../invoices/stored-invoice.ts';
import type { ProviderContext } from '../provider-context.ts';
import type { ReconcileScope } from './load-day-counts.ts';

/** A sealed statement within the scope. */
export interface BilledStatement {
  readonly id: string;
  readonly tenant: string;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly currency: string;
  /** Units billed or free by tool, late adjustments of the period included; the key is `server\ntool`. */
  readonly quantities: ReadonlyMap<string, bigint>;
  readonly invoice: InvoiceCounts;
}

interface StatementRow {
  readonly id: string;
  readonly tenant: string;
  readonly period_start: string;
  readonly period_end: string;
  readonly currency: string;
  readonly subtotal_minor: bigint;
}

/** Statements whose whole period is in the scope; void ones count for nothing. */
export const loadBilledStatements = async (
  context: ProviderContext,
  { firstDay, endDay, tenant }: ReconcileScope,
): Promise<readonly BilledStatement[]> => {
  const { database } = context;
  const rows = await queryRows<StatementRow>(
    database,
    `select id, tenant, period_start, period_end, currency, subtotal_minor from statement
     where period_start >= ? and period_end <= ? and state not in ('draft', 'void') ${tenant === undefined ? '' : 'and tenant = ?'}
     order by tenant, period_start`,
    [firstDay, endDay, ...(tenant === undefined ? [] : [tenant])],
  );
  const statements: BilledStatement[] = [];
  for (const row of rows)
    statements.push({
      ...{ id: row.id, tenant: row.tenant, currency: row.currency },
      ...{ periodStart: row.period_start, periodEnd: row.period_end },
      quantities: await loadQuantities(database, row.id),
      invoice: await loadInvoice(context, row),
    });
  return statements;
};

const loadQuantities = async (
  database: ProviderContext['database'],
  statementId: string,
): Promise<ReadonlyMap<string, bigint>> => {
  const rows = await queryRows<{ readonly server: string; readonly tool: string; readonly quantity: bigint }>(
    database,
    `select server, tool, sum(quantity)::bigint as quantity from (
       select server, tool, quantity from statement_line where statement_id = ? and kind in ('usage', 'free')
       union all
       select server, tool, quantity_delta from adjustment
       where source_statement_id = ? and source = 'late' and cancelled_at is null and tool is not null) billed
     group by server, tool`,
    [statementId, statementId],
  );
  return new Map(rows.map(({ server, tool, quantity }) => [`${server}\n${tool}`, quantity]));
};

const loadInvoice = async (
  context: ProviderContext,
  { id, subtotal_minor: subtotalMinor }: StatementRow,
): Promise<InvoiceCounts> => {
  const stored = await findInvoice(context, { statementId: id });
  const held = stored?.heldBecause === undefined ? {} : { heldBecause: stored.heldBecause };
  if (stored?.status === undefined) return { subtotalMinor, ...held };
  return {
    subtotalMinor,
    ...held,
    invoice: {
      status: stored.status,
      subtotalMinor: stored.subtotalMinor ?? 0n,
      dueMinor: stored.amountDueMinor ?? 0n,
      paidMinor: stored.amountPaidMinor ?? 0n,
      differingLines: stored.differences.length,
    },
  };
};
