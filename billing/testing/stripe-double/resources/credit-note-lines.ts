import type Stripe from 'stripe';
import { multiplyToMinor, toSafeNumber, toScaled } from '../engine/decimal.ts';
import type { Account } from '../state/account.ts';
import type { CreditNoteLineRecord, InvoiceRecord } from '../state/records.ts';
import { invalidRequest, noSuch } from '../state/stripe-failure.ts';
import type { Wire } from '../state/wire.ts';
import { mergeMetadata } from './metadata.ts';

type Create = Wire<Stripe.CreditNoteCreateParams>;
type Given = NonNullable<Create['lines']>[number];

/** The lines of a credit note; a bare amount is one line of its own. */
export function readCreditLines(account: Account, invoice: InvoiceRecord, given: Create): CreditNoteLineRecord[] {
  if (given.lines !== undefined) {
    if (given.amount !== undefined) {
      throw invalidRequest('You may only specify one of these parameters: amount, lines.', { param: 'amount' });
    }
    return given.lines.map((line, index) => readLine(account, invoice, line, `lines[${index}]`));
  }
  const amount =
    given.amount ?? (given.credit_amount ?? 0) + (given.refund_amount ?? 0) + (given.out_of_band_amount ?? 0);
  if (amount === 0) {
    throw invalidRequest('You must specify one of: amount, lines.', { code: 'parameter_missing', param: 'amount' });
  }
  return [
    custom(account, { amount, description: null, quantity: 1, unitAmountDecimal: String(amount), metadata: null }),
  ];
}

function readLine(account: Account, invoice: InvoiceRecord, line: Given, param: string): CreditNoteLineRecord {
  const metadata = line.metadata ? mergeMetadata({}, line.metadata) : null;
  if (line.type === 'custom_line_item') {
    const unit = line.unit_amount_decimal ?? line.unit_amount;
    if (unit === undefined || line.description === undefined) {
      const missing = `${param}[${unit === undefined ? 'unit_amount' : 'description'}]`;
      throw invalidRequest(`Missing required param: ${missing}.`, { code: 'parameter_missing', param: missing });
    }
    const quantity = line.quantity ?? 1;
    const amount = toSafeNumber(multiplyToMinor(toScaled(quantity), toScaled(unit)));
    return custom(account, {
      amount,
      description: line.description,
      quantity,
      unitAmountDecimal: String(unit),
      metadata,
    });
  }
  return ofInvoiceLine(account, invoice, line, { param, metadata });
}

function ofInvoiceLine(
  account: Account,
  invoice: InvoiceRecord,
  line: Given,
  { param, metadata }: { param: string; metadata: CreditNoteLineRecord['metadata'] },
): CreditNoteLineRecord {
  const source = invoice.lines.find((each) => each.id === line.invoice_line_item);
  if (!source) throw noSuch('invoice line item', line.invoice_line_item ?? '', `${param}[invoice_line_item]`);
  const unit = source.charge.pricing?.unitAmountDecimal ?? null;
  const byQuantity =
    line.quantity === undefined || unit === null
      ? undefined
      : toSafeNumber(multiplyToMinor(toScaled(line.quantity), toScaled(unit)));
  const amount = line.amount ?? byQuantity;
  if (amount === undefined) {
    throw invalidRequest(`Missing required param: ${param}[amount].`, {
      code: 'parameter_missing',
      param: `${param}[amount]`,
    });
  }
  if (amount > source.charge.amount) {
    throw invalidRequest(`The amount (${amount}) exceeds that of the line (${source.charge.amount}).`, {
      param: `${param}[amount]`,
    });
  }
  return {
    id: account.ids.next('cnli'),
    kind: 'invoice_line_item',
    amount,
    description: source.charge.description,
    invoiceLine: source.id,
    quantity: line.quantity ?? null,
    unitAmountDecimal: byQuantity === undefined ? null : unit,
    metadata,
  };
}

function custom(
  account: Account,
  line: Pick<CreditNoteLineRecord, 'amount' | 'description' | 'quantity' | 'unitAmountDecimal' | 'metadata'>,
): CreditNoteLineRecord {
  return { id: account.ids.next('cnli'), kind: 'custom_line_item', invoiceLine: null, ...line };
}
