import type { LineMode } from '../../domain/invoicing/line-mode.ts';
import type { Database } from '../../database/open-database.ts';
import type { InvoiceHead, InvoiceStatus } from '../billing-provider.ts';
import type { ProviderContext } from '../provider-context.ts';

/**
 * `creating`: an invoice may exist that we do not know. `created`: it exists. `held`: it is not the statement, or may not be
 * final for another reason. `verified`: compared and equal, still a draft.
 */
export type PushState = 'creating' | 'created' | 'held' | 'verified' | 'finalized' | 'paid' | 'void';

/** How far a statement has come at the provider. */
export interface StoredInvoice {
  readonly statementId: string;
  readonly tenant: string;
  readonly lineMode: LineMode;
  readonly invoiceId?: string;
  readonly state: PushState;
  readonly heldBecause?: string;
  readonly differences: readonly string[];
  readonly status?: InvoiceStatus;
  readonly subtotalMinor?: bigint;
  readonly amountDueMinor?: bigint;
  readonly amountPaidMinor?: bigint;
  /** Milliseconds since 1970; before the first call. */
  readonly begunAt: number;
  readonly finalizedAt?: number;
}

interface InvoiceRow {
  readonly statement_id: string;
  readonly tenant: string;
  readonly line_mode: LineMode;
  readonly invoice_id: string | null;
  readonly state: PushState;
  readonly held_because: string | null;
  readonly differences: readonly string[] | null;
  readonly status: InvoiceStatus | null;
  readonly subtotal_minor: bigint | null;
  readonly amount_due_minor: bigint | null;
  readonly amount_paid_minor: bigint | null;
  readonly begun_at: Date;
  readonly finalized_at: Date | null;
}

const TABLE = 'billing.stripe_invoice';

/** Writes down that a statement is about to be pushed; `isNew` when nobody had begun before. The first mode stays. */
export const beginInvoice = async (
  { database, environment, now }: ProviderContext,
  { statementId, tenant, lineMode }: Pick<StoredInvoice, 'statementId' | 'tenant' | 'lineMode'>,
): Promise<{ readonly stored: StoredInvoice; readonly isNew: boolean }> => {
  const at = new Date(now());
  const inserted = await database(TABLE)
    .insert({
      ...{ environment, statement_id: statementId, tenant, line_mode: lineMode },
      ...{ state: 'creating', begun_at: at, updated_at: at },
    })
    .onConflict(['environment', 'statement_id'])
    .ignore()
    .returning<InvoiceRow[]>('*');
  const [row] = inserted;
  if (row !== undefined) return { stored: toStored(row), isNew: true };
  const stored = await findInvoice({ database, environment }, { statementId });
  if (stored === undefined) throw new Error(`The progress of statement ${statementId} vanished.`);
  return { stored, isNew: false };
};

export const findInvoice = async (
  { database, environment }: Pick<ProviderContext, 'database' | 'environment'>,
  key: { readonly statementId: string } | { readonly invoiceId: string },
): Promise<StoredInvoice | undefined> => {
  const where = 'statementId' in key ? { statement_id: key.statementId } : { invoice_id: key.invoiceId };
  const row = await database(TABLE)
    .where({ environment, ...where })
    .first<InvoiceRow | undefined>('*');
  return row === undefined ? undefined : toStored(row);
};

/** Those that may still change at the provider. */
export const listOpenInvoices = async ({
  database,
  environment,
}: Pick<ProviderContext, 'database' | 'environment'>): Promise<readonly StoredInvoice[]> => {
  const rows = await database(TABLE)
    .where({ environment })
    .whereNotIn('state', ['paid', 'void'])
    .orderBy('statement_id')
    .select<readonly InvoiceRow[]>('*');
  return rows.map(toStored);
};

export interface InvoiceChange {
  readonly state: PushState;
  readonly heldBecause?: string;
  readonly differences?: readonly string[];
  readonly head?: InvoiceHead;
}

export const updateInvoice = async (
  { database, environment, mode, now }: ProviderContext,
  statementId: string,
  { state, heldBecause, differences = [], head }: InvoiceChange,
): Promise<void> => {
  const at = new Date(now());
  await database(TABLE)
    .where({ environment, statement_id: statementId })
    .update({
      state,
      held_because: heldBecause ?? null,
      differences: JSON.stringify(differences),
      updated_at: at,
      ...(head === undefined ? {} : toColumns(head)),
      ...(state === 'finalized' ? { finalized_at: at } : {}),
    });
  if (mode === 'live') await follow(database, { statementId, state, invoiceId: head?.id });
};

const toColumns = (head: InvoiceHead) => ({
  invoice_id: head.id,
  status: head.status,
  subtotal_minor: head.subtotalMinor.toString(),
  amount_due_minor: head.amountDueMinor.toString(),
  amount_paid_minor: head.amountPaidMinor.toString(),
});

/** The statement's own state. A draft at the provider may go back from verified to pushed; nothing else goes back. */
const follow = async (
  database: Database,
  {
    statementId,
    state,
    invoiceId,
  }: Pick<InvoiceChange, 'state'> & {
    readonly statementId: string;
    readonly invoiceId: string | undefined;
  },
): Promise<void> => {
  const reached = statementStates[state];
  if (reached === undefined) return;
  await database('billing.statement')
    .where({ id: statementId })
    .whereIn('state', reached.from)
    .update({ state: reached.to, ...(invoiceId === undefined ? {} : { stripe_invoice_id: invoiceId }) });
};

const drafts = ['sealed', 'pushed', 'verified'];

const statementStates: Readonly<Partial<Record<PushState, { readonly to: string; readonly from: readonly string[] }>>> =
  {
    created: { to: 'pushed', from: drafts },
    held: { to: 'pushed', from: drafts },
    verified: { to: 'verified', from: drafts },
    finalized: { to: 'finalized', from: [...drafts, 'finalized'] },
    paid: { to: 'paid', from: [...drafts, 'finalized', 'paid'] },
  };

const toStored = (row: InvoiceRow): StoredInvoice => ({
  statementId: row.statement_id,
  tenant: row.tenant,
  lineMode: row.line_mode,
  ...(row.invoice_id === null ? {} : { invoiceId: row.invoice_id }),
  state: row.state,
  ...(row.held_because === null ? {} : { heldBecause: row.held_because }),
  differences: row.differences ?? [],
  ...(row.status === null ? {} : { status: row.status }),
  ...(row.subtotal_minor === null ? {} : { subtotalMinor: row.subtotal_minor }),
  ...(row.amount_due_minor === null ? {} : { amountDueMinor: row.amount_due_minor }),
  ...(row.amount_paid_minor === null ? {} : { amountPaidMinor: row.amount_paid_minor }),
  begunAt: row.begun_at.getTime(),
  ...(row.finalized_at === null ? {} : { finalizedAt: row.finalized_at.getTime() }),
});
