import { draftLines, type DraftLine } from '../../domain/invoicing/draft-lines.ts';
import { success } from '../../domain/result.ts';
import type { StatementLine } from '../../domain/statements/statement.ts';
import type { InvoiceHead, ProviderInvoice } from '../billing-provider.ts';
import type { ProviderContext } from '../provider-context.ts';
import { listObjects, priceKey } from '../provider-objects.ts';
import { byStatementLine, compareDraft, type LineKey } from './parity-gate.ts';
import { ensureLines, invoiceMetadata, type Push } from './push-lines.ts';
import { held, stopFor, waiting, type Step } from './push-outcome.ts';
import { findSubscription } from '../subscriptions.ts';
import { updateInvoice, type StoredInvoice } from './stored-invoice.ts';

/**
 * The invoice that the provider makes of its meters when the month ends. We keep it from becoming final, add what no meter
 * counts, and compare.
 */
export const pushMeters = async (
  context: ProviderContext,
  push: Push,
  stored: StoredInvoice,
): Step<{ readonly invoice: ProviderInvoice; readonly differences: readonly string[] }> => {
  const head = await findCycleInvoice(context, push, stored);
  if (!head.ok) return head;
  if (head.value.status === 'draft') {
    const kept = await context.provider.holdInvoice(head.value.id, invoiceMetadata(context, push));
    if (!kept.ok) return stopFor('keeping the draft open', kept.error);
  }
  await updateInvoice(context, push.key, { state: 'created', head: head.value });
  const read = await context.provider.readInvoice(head.value.id);
  if (!read.ok) return stopFor('reading the invoice', read.error);
  const { metered, other } = splitLines(push);
  const filled = read.value.status === 'draft' ? await ensureLines(context, push, read.value, other) : read;
  if (!filled.ok) return filled;
  const expected = [...metered, ...other];
  const keyOf = await meterLineKey(context, push);
  return success({
    invoice: filled.value,
    differences: compareDraft(push.statement, filled.value, { expected, keyOf }),
  });
};

const findCycleInvoice = async (context: ProviderContext, push: Push, stored: StoredInvoice): Step<InvoiceHead> => {
  const { provider } = context;
  if (stored.invoiceId !== undefined) {
    const read = await provider.readInvoice(stored.invoiceId);
    return read.ok ? read : stopFor('reading the invoice', read.error);
  }
  const { tenant, periodStart, periodEnd } = push.statement;
  const subscriptionId = await findSubscription(context, { tenant, month: periodStart.slice(0, 7) });
  if (subscriptionId === undefined)
    return held(
      `tenant ${tenant} is invoiced by meters and has no subscription for it: run stoa-billing catalog apply`,
    );
  const end = Date.parse(periodEnd);
  const listed = await provider.listInvoices({ customerId: push.customerId, createdFrom: end });
  if (!listed.ok) return stopFor('looking for the invoice', listed.error);
  const found = listed.value.find((head) => head.subscriptionId === subscriptionId && head.periodEnd === end);
  return found === undefined
    ? waiting(`the provider has not made the invoice of ${periodStart.slice(0, 7)} yet`)
    : success(found);
};

/** Lines that the provider rates, one a price, and those that we add. */
const splitLines = ({
  statement,
}: Push): { readonly metered: readonly DraftLine[]; readonly other: readonly DraftLine[] } => {
  const drafts = draftLines(statement);
  const isMetered = new Set(statement.lines.filter(isRatedByMeter).map(({ lineNo }) => String(lineNo)));
  return {
    metered: drafts.filter(({ statementLines }) => isMetered.has(statementLines)),
    other: drafts.filter(({ statementLines }) => !isMetered.has(statementLines)),
  };
};

const isRatedByMeter = ({ kind }: StatementLine): boolean => kind === 'usage' || kind === 'free';

/** By what we wrote on it, or by its price. */
const meterLineKey = async (context: ProviderContext, { key, statement }: Push): Promise<LineKey> => {
  const prices = await listObjects(context, 'price');
  const lineOfPrice = new Map<string, string>();
  for (const { lineNo, priceVersionId, server, tool, ...line } of statement.lines) {
    if (priceVersionId === undefined || server === undefined || tool === undefined) continue;
    const priceId = prices.get(priceKey(priceVersionId, server, tool));
    if (priceId !== undefined && line.kind !== 'adjustment') lineOfPrice.set(priceId, String(lineNo));
  }
  const ours = byStatementLine(key);
  return (line) => ours(line) ?? (line.priceId === undefined ? undefined : lineOfPrice.get(line.priceId));
};
