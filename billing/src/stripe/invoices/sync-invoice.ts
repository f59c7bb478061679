import { success } from '../../domain/result.ts';
import type { Answer, InvoiceHead } from '../billing-provider.ts';
import type { ProviderContext } from '../provider-context.ts';
import { findInvoice, listOpenInvoices, updateInvoice, type PushState, type StoredInvoice } from './stored-invoice.ts';

/** What was done about an invoice. */
export type SyncOutcome = 'updated' | 'unchanged' | 'kept_open' | 'not_ours';

/**
 * Fetches an invoice and takes its state over. A new draft of one of our subscriptions is kept from becoming final: it is
 * compared with the statement first.
 */
export const syncInvoice = async (context: ProviderContext, invoiceId: string): Answer<SyncOutcome> => {
  const read = await context.provider.readInvoice(invoiceId);
  if (!read.ok) return read;
  return takeOver(context, read.value);
};

const takeOver = async (context: ProviderContext, head: InvoiceHead): Answer<SyncOutcome> => {
  const stored = await findStored(context, head);
  if (stored !== undefined) return success(await update(context, stored, head));
  if (head.status !== 'draft' || !(await isOfSubscription(context, head))) return success('not_ours');
  const kept = await context.provider.holdInvoice(head.id, {});
  return kept.ok ? success('kept_open') : kept;
};

const findStored = async (context: ProviderContext, head: InvoiceHead): Promise<StoredInvoice | undefined> => {
  const known = await findInvoice(context, { invoiceId: head.id });
  if (known !== undefined) return known;
  const statementId = head.metadata['statement_id'];
  if (statementId === undefined || head.metadata['environment'] !== context.environment) return undefined;
  const begun = await findInvoice(context, { statementId });
  // Another invoice with our label is not taken for the one we know.
  return begun?.invoiceId === undefined ? begun : undefined;
};

const isOfSubscription = async (
  { database, environment }: ProviderContext,
  { subscriptionId }: InvoiceHead,
): Promise<boolean> => {
  if (subscriptionId === undefined) return false;
  const row = await database('billing.stripe_subscription')
    .where({ environment, subscription_id: subscriptionId })
    .first<object | undefined>('subscription_id');
  return row !== undefined;
};

const update = async (context: ProviderContext, stored: StoredInvoice, head: InvoiceHead): Promise<SyncOutcome> => {
  const state = stateOf(stored, head);
  const isSame =
    state === stored.state &&
    head.status === stored.status &&
    head.subtotalMinor === stored.subtotalMinor &&
    head.amountDueMinor === stored.amountDueMinor &&
    head.amountPaidMinor === stored.amountPaidMinor;
  if (isSame) return 'unchanged';
  const wasHeld = stored.state === 'held' && head.status !== 'draft';
  const heldBecause = wasHeld ? `it became final while it was held: ${stored.heldBecause ?? ''}` : stored.heldBecause;
  await updateInvoice(context, stored.statementId, {
    ...{ state, head, differences: stored.differences },
    ...(heldBecause === undefined ? {} : { heldBecause }),
  });
  return 'updated';
};

const stateOf = ({ state }: StoredInvoice, { status }: InvoiceHead): PushState => {
  switch (status) {
    case 'draft':
      return state === 'creating' ? 'created' : state;
    case 'open':
    case 'uncollectible':
      return 'finalized';
    case 'paid':
    case 'void':
      return status;
  }
};

/** How far back the list is read; older invoices that are still open are fetched one by one. */
const POLL_MS = 40 * 86_400_000;

export interface PollReport {
  readonly seen: number;
  readonly updated: number;
  readonly keptOpen: number;
}

/** The net under the webhooks, once a day: whatever was lost on the way is found here. */
export const pollInvoices = async (context: ProviderContext): Answer<PollReport> => {
  const listed = await context.provider.listInvoices({ createdFrom: context.now() - POLL_MS });
  if (!listed.ok) return listed;
  const counts = { seen: listed.value.length, updated: 0, keptOpen: 0 };
  const count = (outcome: SyncOutcome): void => {
    if (outcome === 'updated') counts.updated++;
    if (outcome === 'kept_open') counts.keptOpen++;
  };
  for (const head of listed.value) {
    const done = await takeOver(context, head);
    if (!done.ok) return done;
    count(done.value);
  }
  const seen = new Set(listed.value.map(({ id }) => id));
  for (const { invoiceId } of await listOpenInvoices(context)) {
    if (invoiceId === undefined || seen.has(invoiceId)) continue;
    const done = await syncInvoice(context, invoiceId);
    if (!done.ok && done.error.kind !== 'missing') return done;
    if (done.ok) count(done.value);
  }
  return success(counts);
};
