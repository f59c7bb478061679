import type { Account } from '../state/account.ts';
import type { InvoiceRecord } from '../state/records.ts';

export interface InvoiceTotals {
  readonly subtotal: number;
  readonly subtotal_excluding_tax: number;
  readonly total: number;
  readonly total_excluding_tax: number;
  readonly starting_balance: number;
  readonly amount_due: number;
  readonly amount_remaining: number;
}

/** Sums of lines that were each rounded once; the customer's balance is applied after, and credit notes before payment. */
export function totalsOf(account: Account, invoice: InvoiceRecord): InvoiceTotals {
  const subtotal = invoice.lines.reduce((sum, line) => sum + line.charge.amount, 0);
  const balance = account.customers.get(invoice.customer)?.balance ?? 0;
  const startingBalance = invoice.status === 'draft' ? balance : invoice.startingBalance;
  const due = Math.max(0, subtotal + startingBalance) - invoice.prePaymentCredit;
  return {
    subtotal,
    subtotal_excluding_tax: subtotal,
    total: subtotal,
    total_excluding_tax: subtotal,
    starting_balance: startingBalance,
    amount_due: due,
    amount_remaining: Math.max(0, due - invoice.amountPaid),
  };
}
