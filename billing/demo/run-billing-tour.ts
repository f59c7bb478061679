import { monthOf } from '../src/domain/calendar/period.ts';
import type { Statement } from '../src/domain/statements/statement.ts';
import { formatMinor } from '../src/domain/money/money.ts';
import { previewStatement } from '../src/statements/preview-statement.ts';
import { pushPreview } from '../src/stripe/invoices/push-statement.ts';
import type { BillingDemo } from './start-billing-demo.ts';

export interface BillingTourOptions {
  readonly billing: BillingDemo;
  readonly apiToken: string;
  /** Ids of the records that the gateway wrote, oldest first. */
  readonly recordIds: readonly string[];
  readonly print: (line: string) => void;
}

/** Three more stories: the ledger's row of each call, what it costs, and the invoice. Rejects when one does not end as it should. */
export const runBillingTour = async (options: BillingTourOptions): Promise<void> => {
  await ledgerRows(options);
  await accrual(options);
  await draftInvoice(options);
};

const ask = async <Answer>({ billing, apiToken }: BillingTourOptions, path: string): Promise<Answer | undefined> => {
  const response = await fetch(`${billing.url}${path}`, { headers: { authorization: `Bearer ${apiToken}` } });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`Billing answered ${response.status} to ${path}: ${await response.text()}`);
  return (await response.json()) as Answer;
};

interface Invocation {
  readonly id: string;
  readonly tenant: string;
  readonly tool?: string;
  readonly outcome: string;
  readonly cost: { readonly text: string };
}

const ledgerRows = async (options: BillingTourOptions): Promise<void> => {
  const { print, recordIds } = options;
  print('9. The ledger has one row per call, and says what each one cost');
  for (const id of recordIds) {
    const row = await untilShipped(options, id);
    print(
      `   ${row.id.slice(0, 13)}  ${row.tenant.padEnd(7)} ${(row.tool ?? '-').padEnd(15)} ${row.outcome.padEnd(8)}  ${row.cost.text}`,
    );
  }
};

/** The node ships its records about once a second. */
const untilShipped = async (options: BillingTourOptions, id: string): Promise<Invocation> => {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const found = await ask<Invocation>(options, `/v1/invocations/${id}`);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The ledger did not get record ${id} within 30 s.`);
};

interface Accrual {
  readonly items: readonly {
    readonly tenant: string;
    readonly currency: string;
    readonly total: { readonly text: string };
    readonly tools: readonly {
      readonly server: string;
      readonly tool: string;
      readonly today: { readonly quantity: number; readonly amount: { readonly text: string } };
    }[];
    readonly unpriced: readonly { readonly server: string; readonly tool: string; readonly quantity: number }[];
  }[];
}

const accrual = async (options: BillingTourOptions): Promise<void> => {
  const { print } = options;
  print("10. Today's accrual per tool");
  const accrued = await ask<Accrual>(options, '/v1/accrual');
  for (const { tenant, currency, tools, unpriced } of accrued?.items ?? []) {
    for (const { server, tool, today } of tools)
      print(
        `   ${tenant.padEnd(7)} ${`${server}/${tool}`.padEnd(25)} ${String(today.quantity).padStart(4)} calls  ${today.amount.text.padStart(8)} ${currency.toUpperCase()}`,
      );
    for (const { server, tool, quantity } of unpriced)
      print(`   ${tenant.padEnd(7)} ${`${server}/${tool}`.padEnd(25)} ${String(quantity).padStart(4)} calls  no price`);
  }
};

/** The running month as a draft: a real close waits until the month is over. */
const draftInvoice = async ({ billing, print }: BillingTourOptions): Promise<void> => {
  print('11. A draft invoice in the Stripe double, a line per tool, equal to the statement');
  const today = new Date().toISOString().slice(0, 10);
  for (const tenant of ['acme', 'globex']) {
    const preview = await previewStatement(billing.database, { tenant, period: monthOf(today) });
    if (!preview.ok) throw new Error(preview.error.map(({ problem }) => problem).join('; '));
    await showInvoice(billing, { statement: preview.value.statement, print });
  }
  print(`   look at them: ${billing.stripeDouble.url}/dashboard   (a double: no Stripe account, no money)`);
};

const showInvoice = async (
  { stripe, stripeDouble }: BillingDemo,
  { statement, print }: { readonly statement: Statement; readonly print: (line: string) => void },
): Promise<void> => {
  const { tenant, currency, subtotalMinor } = statement;
  const outcome = await pushPreview(stripe, statement);
  if (outcome.kind === 'nothing_to_invoice') return print(`   ${tenant}: nothing to invoice yet`);
  if (outcome.kind !== 'draft') throw new Error(`The draft for ${tenant} ended as ${JSON.stringify(outcome)}`);
  const invoice = await stripe.provider.readInvoice(outcome.invoiceId);
  if (!invoice.ok) throw new Error(invoice.error.message);
  for (const { description, amountMinor } of invoice.value.lines)
    print(
      `   ${tenant.padEnd(7)} ${(description ?? '').slice(0, 60).padEnd(60)} ${formatMinor(amountMinor, currency).padStart(8)}`,
    );
  const isEqual = invoice.value.subtotalMinor === subtotalMinor;
  if (!isEqual) throw new Error(`The draft of ${tenant} is not equal to its statement.`);
  print(
    `   ${tenant.padEnd(7)} ${outcome.invoiceId}: ${formatMinor(invoice.value.subtotalMinor, currency)} ${currency.toUpperCase()} = statement, to the cent (${stripeDouble.url})`,
  );
};
