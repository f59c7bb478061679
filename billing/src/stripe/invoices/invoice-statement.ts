import { monthOf } from '../../domain/calendar/period.ts';
import type { Statement } from '../../domain/statements/statement.ts';
import { listStatements } from '../../statements/statement-store.ts';
import { freezeMeterDays } from '../outbox/freeze-meter-days.ts';
import { sendMeterTotals } from '../outbox/send-meter-totals.ts';
import type { ProviderContext } from '../provider-context.ts';
import { chooseStatementMode } from './choose-mode.ts';
import type { PushOutcome } from './push-outcome.ts';
import { pushStatement, type PushOptions } from './push-statement.ts';
import { findReasonsToHold } from './reasons-to-hold.ts';
import { pollInvoices } from './sync-invoice.ts';

export interface InvoiceOptions extends Pick<PushOptions, 'finalize'> {
  /** Where a person sees the statement. */
  readonly linkOf?: (statement: Statement) => string;
}

export interface InvoicedStatement {
  readonly statementId: string;
  readonly tenant: string;
  readonly outcome: PushOutcome;
}

/**
 * A sealed statement, all the way: the meters get what was sealed, the invoice is made and compared, and becomes final when
 * nothing speaks against it. May be called again at any time.
 */
export const invoiceStatement = async (
  context: ProviderContext,
  statement: Statement,
  { finalize, linkOf }: InvoiceOptions,
): Promise<PushOutcome> => {
  const unfrozen = await freezeMeterDays(context, statement);
  await sendMeterTotals(context);
  const { mode: lineMode } = await chooseStatementMode(context, statement);
  return pushStatement(context, statement, {
    ...{ lineMode, finalize },
    ...(linkOf === undefined ? {} : { link: linkOf(statement) }),
    findReasonsToHold: async () => [
      ...unfrozen.map(({ server, tool, onStatement, inOutbox }) => ({
        text: `${server}/${tool}: the statement has ${onStatement}, its days add up to ${inOutbox}`,
        isPending: false,
      })),
      ...(await findReasonsToHold(context, statement, lineMode)),
    ],
  });
};

/** Every sealed statement that is not final yet, or those of one month. */
export const invoiceStatements = async (
  context: ProviderContext,
  {
    periodStart,
    onProgress,
    ...options
  }: InvoiceOptions & {
    readonly periodStart?: string;
    readonly onProgress?: (done: InvoicedStatement, index: number, total: number) => void;
  },
): Promise<readonly InvoicedStatement[]> => {
  await keepDraftsOpen(context);
  const stored = await listStatements(context.database, {
    states: ['sealed', 'pushed', 'verified'],
    ...(periodStart === undefined ? {} : { periodStart }),
  });
  const invoiced: InvoicedStatement[] = [];
  for (const { statement } of [...stored].reverse()) {
    const outcome = await invoiceStatement(context, statement, options);
    const done = { statementId: statement.id, tenant: statement.tenant, outcome };
    invoiced.push(done);
    onProgress?.(done, invoiced.length, stored.length);
  }
  return invoiced;
};

/** Stripe makes its own drafts final an hour after midnight of the first; a lost webhook must not let it. */
const DRAFT_HOURS_MS = 2 * 3_600_000;

/** In the first hours of a month drafts are looked for at each run, webhook or not. */
const keepDraftsOpen = async (context: ProviderContext): Promise<void> => {
  const now = context.now();
  const monthStart = Date.parse(monthOf(new Date(now).toISOString().slice(0, 10)).start);
  // When the provider does not answer, the next run asks again.
  if (now - monthStart < DRAFT_HOURS_MS) await pollInvoices(context);
};
