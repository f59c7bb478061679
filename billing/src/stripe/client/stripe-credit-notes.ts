import type Stripe from 'stripe';
import type { InvoiceProvider, ProviderCreditNote } from '../billing-provider.ts';
import { callStripe, type CallOptions } from './call-stripe.ts';
import { listAll, PAGE_SIZE } from './list-all.ts';

export const createStripeCreditNotes = (
  stripe: Stripe,
  options: CallOptions,
): Pick<InvoiceProvider, 'createCreditNote' | 'listCreditNotes'> => ({
  createCreditNote: (given, idempotencyKey) =>
    callStripe(async () => {
      const { invoiceId, amountMinor, lineId, description, memo, metadata } = given;
      const amount = Number(amountMinor);
      const line =
        lineId === undefined
          ? ({ type: 'custom_line_item', description, quantity: 1, unit_amount: amount } as const)
          : ({ type: 'invoice_line_item', invoice_line_item: lineId, amount } as const);
      const note = await stripe.creditNotes.create(
        {
          invoice: invoiceId,
          lines: [line],
          memo,
          metadata,
          ...(given.isCreditedToBalance ? { credit_amount: amount } : {}),
        },
        { idempotencyKey },
      );
      return toCreditNote(note);
    }, options),

  listCreditNotes: (invoiceId) =>
    callStripe(
      async () => (await listAll(stripe.creditNotes.list({ invoice: invoiceId, limit: PAGE_SIZE }))).map(toCreditNote),
      options,
    ),
});

const toCreditNote = ({ id, invoice, amount, metadata }: Stripe.CreditNote): ProviderCreditNote => ({
  id,
  invoiceId: typeof invoice === 'string' ? invoice : invoice.id,
  amountMinor: BigInt(amount),
  metadata: metadata ?? {},
});
