import { formatMoney } from '../../domain/money/money.ts';
import { failure, success, type Result } from '../../domain/result.ts';
import { listAdjustments, type StoredAdjustment } from '../../statements/adjustment-store.ts';
import type { ProviderCreditNote, ProviderInvoice } from '../billing-provider.ts';
import type { ProviderContext } from '../provider-context.ts';
import { findInvoice } from './stored-invoice.ts';

/** What became of an adjustment that is to be a credit note. */
export type CreditOutcome =
  | { readonly kind: 'issued'; readonly creditNoteId: string }
  /** The provider is away, or the invoice is not final yet. */
  | { readonly kind: 'waiting'; readonly because: string }
  | { readonly kind: 'refused'; readonly because: string };

export interface Credited {
  readonly adjustmentId: string;
  readonly tenant: string;
  readonly outcome: CreditOutcome;
}

/** Every pending adjustment that gives back part of a final invoice. May be called again at any time. */
export const issueCreditNotes = async (context: ProviderContext): Promise<readonly Credited[]> => {
  const pending = await listAdjustments(context.database, { settlement: 'credit_note', isPending: true });
  const credited: Credited[] = [];
  for (const adjustment of pending) {
    const outcome = await issue(context, adjustment);
    credited.push({
      ...{ adjustmentId: adjustment.id, tenant: adjustment.tenant },
      outcome: outcome.ok ? { kind: 'issued', creditNoteId: outcome.value } : outcome.error,
    });
  }
  return credited;
};

type Step<Value> = Promise<Result<Value, CreditOutcome & { readonly kind: 'waiting' | 'refused' }>>;

const waiting = (because: string) => failure({ kind: 'waiting', because } as const);
const refused = (because: string) => failure({ kind: 'refused', because } as const);

const issue = async (context: ProviderContext, adjustment: StoredAdjustment): Step<string> => {
  const { amountMinor, sourceStatementId = '', currency } = adjustment;
  if (amountMinor >= 0n)
    return refused(`${formatMoney(amountMinor, currency)} is not given back: bill it on the next statement.`);
  const stored = await findInvoice(context, { statementId: sourceStatementId });
  if (stored?.invoiceId === undefined) return waiting(`statement ${sourceStatementId} has no invoice yet`);
  const read = await context.provider.readInvoice(stored.invoiceId);
  if (!read.ok) return waiting(`reading ${stored.invoiceId}: ${read.error.message}`);
  const invoice = read.value;
  if (invoice.status === 'draft') return waiting(`invoice ${invoice.id} is not final yet`);
  if (invoice.status === 'void') return refused(`invoice ${invoice.id} is void: nothing is owed`);
  const note = await ensureNote(context, adjustment, invoice);
  if (!note.ok) return note;
  await remember(context, adjustment, note.value);
  return success(note.value.id);
};

/** Looks first when somebody had begun: the provider forgets its keys after a day. */
const ensureNote = async (
  context: ProviderContext,
  adjustment: StoredAdjustment,
  invoice: ProviderInvoice,
): Step<ProviderCreditNote> => {
  const { provider, environment } = context;
  if (!(await begin(context, adjustment, invoice.id))) {
    const listed = await provider.listCreditNotes(invoice.id);
    if (!listed.ok) return waiting(`looking for the credit note: ${listed.error.message}`);
    const known = listed.value.find(({ metadata }) => metadata['adjustment_id'] === adjustment.id);
    if (known !== undefined) return success(known);
  }
  const amountMinor = -adjustment.amountMinor;
  const lineId = lineOf(adjustment, invoice, amountMinor);
  const made = await provider.createCreditNote(
    {
      invoiceId: invoice.id,
      amountMinor,
      isCreditedToBalance: invoice.status === 'paid',
      ...(lineId === undefined ? {} : { lineId }),
      description: adjustment.reason,
      memo: adjustment.reason,
      metadata: { adjustment_id: adjustment.id, statement_id: adjustment.sourceStatementId ?? '', environment },
    },
    `${environment}:credit:${adjustment.id}`,
  );
  if (made.ok) return made;
  return made.error.kind === 'refused' ? refused(made.error.message) : waiting(made.error.message);
};

/** The line that is corrected, when it holds as much; a sum of lines or a smaller one is credited in words. */
const lineOf = (
  { sourceStatementId, sourceLineNo }: StoredAdjustment,
  { lines }: ProviderInvoice,
  amountMinor: bigint,
): string | undefined =>
  lines.find(
    (line) =>
      sourceLineNo !== undefined &&
      line.metadata['statement_id'] === sourceStatementId &&
      line.metadata['statement_line'] === String(sourceLineNo) &&
      line.amountMinor >= amountMinor,
  )?.id;

/** True when nobody had begun before. */
const begin = async (
  { database, environment, now }: ProviderContext,
  { id, amountMinor }: StoredAdjustment,
  invoiceId: string,
): Promise<boolean> => {
  const inserted = await database('billing.stripe_credit_note')
    .insert({
      ...{ environment, adjustment_id: id, invoice_id: invoiceId },
      ...{ amount_minor: (-amountMinor).toString(), begun_at: new Date(now()) },
    })
    .onConflict(['environment', 'adjustment_id'])
    .ignore()
    .returning<readonly { readonly adjustment_id: string }[]>('adjustment_id');
  return inserted.length === 1;
};

const remember = async (
  { database, environment, mode }: ProviderContext,
  { id }: StoredAdjustment,
  note: ProviderCreditNote,
): Promise<void> => {
  await database('billing.stripe_credit_note')
    .where({ environment, adjustment_id: id })
    .update({ credit_note_id: note.id });
  if (mode === 'live') await database('billing.adjustment').where({ id }).update({ stripe_credit_note_id: note.id });
};
