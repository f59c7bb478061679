import { addDays } from '../../domain/calendar/day.ts';
import { monthOf } from '../../domain/calendar/period.ts';
import type { Statement } from '../../domain/statements/statement.ts';
import { issueCreditNotes } from '../../stripe/invoices/credit-notes.ts';
import { invoiceStatements } from '../../stripe/invoices/invoice-statement.ts';
import { pollInvoices } from '../../stripe/invoices/sync-invoice.ts';
import { refreshMeterDays } from '../../stripe/outbox/refresh-meter-days.ts';
import { resendDifferences } from '../../stripe/outbox/resend.ts';
import { sendMeterTotals } from '../../stripe/outbox/send-meter-totals.ts';
import type { ProviderContext } from '../../stripe/provider-context.ts';
import { reconcile } from '../../stripe/reconciliation/reconcile.ts';
import { processInbox } from '../../stripe/webhooks/process-inbox.ts';
import type { Job } from '../job.ts';

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

export interface StripeJobsOptions {
  readonly context: ProviderContext;
  /** Where a person sees a statement. */
  readonly linkOf?: (statement: Statement) => string;
}

/**
 * What goes to Stripe and comes back. None of it needs the fence: totals are absolute, attempts are stored before they are
 * made, invoices are found before they are made, and events say only where to look.
 */
export const stripeJobs = ({ context, linkOf }: StripeJobsOptions): readonly Job[] => [
  metersJob(context),
  inboxJob(context),
  invoicesJob(context, linkOf),
  creditNotesJob(context),
  invoicePollJob(context),
  reconcileJob(context),
];

/** The provider takes usage of the last 34 days; what is older is billed by the statement. */
const METER_DAYS = 34;

const metersJob = (context: ProviderContext): Job => ({
  name: `meters-${context.environment}`,
  everySeconds: 15 * MINUTE,
  run: async ({ now }) => {
    const today = dayOf(now());
    await refreshMeterDays(context, { firstDay: addDays(today, -METER_DAYS), endDay: addDays(today, 1) });
    const { accepted, rejected, tooLate, isProviderDown } = await sendMeterTotals(context);
    if (isProviderDown) throw new Error('Stripe does not answer; what was under way is sent again under its name.');
    if (accepted + rejected + tooLate === 0) return undefined;
    return `meters: ${accepted} totals taken, ${rejected} refused, ${tooLate} too late`;
  },
});

const inboxJob = (context: ProviderContext): Job => ({
  name: `inbox-${context.environment}`,
  everySeconds: 5,
  run: async () => {
    const { processed, postponed } = await processInbox(context);
    return processed + postponed === 0 ? undefined : `inbox: ${processed} events dealt with, ${postponed} later`;
  },
});

/** Sealing is a person's; from there to the final invoice nobody is needed while everything agrees. */
const invoicesJob = (context: ProviderContext, linkOf: StripeJobsOptions['linkOf']): Job => ({
  name: `invoices-${context.environment}`,
  everySeconds: 10 * MINUTE,
  run: async () => {
    const done = await invoiceStatements(context, {
      finalize: context.mode === 'live',
      ...(linkOf === undefined ? {} : { linkOf }),
    });
    const held = done.flatMap(({ statementId, outcome }) =>
      outcome.kind === 'held' ? [`${statementId}: ${outcome.because}`] : [],
    );
    if (held.length > 0) throw new Error(`Invoices are held. ${held.join('; ')}`);
    const final = done.filter(({ outcome }) => outcome.kind === 'finalized').length;
    return final === 0 ? undefined : `${final} invoices made final`;
  },
});

const creditNotesJob = (context: ProviderContext): Job => ({
  name: `credit-notes-${context.environment}`,
  everySeconds: 10 * MINUTE,
  run: async () => {
    const done = await issueCreditNotes(context);
    const refused = done.flatMap(({ adjustmentId, outcome }) =>
      outcome.kind === 'refused' ? [`${adjustmentId}: ${outcome.because}`] : [],
    );
    if (refused.length > 0) throw new Error(`Credit notes are refused. ${refused.join('; ')}`);
    const issued = done.filter(({ outcome }) => outcome.kind === 'issued').length;
    return issued === 0 ? undefined : `${issued} credit notes issued`;
  },
});

/** The net under the webhooks. */
const invoicePollJob = (context: ProviderContext): Job => ({
  name: `invoice-poll-${context.environment}`,
  everySeconds: DAY,
  run: async () => {
    const polled = await pollInvoices(context);
    if (!polled.ok) throw new Error(polled.error.message);
    return polled.value.updated === 0 ? undefined : `${polled.value.updated} invoices brought up to date`;
  },
});

const reconcileJob = (context: ProviderContext): Job => ({
  name: `reconcile-${context.environment}`,
  everySeconds: HOUR,
  run: async ({ now }) => {
    const today = dayOf(now());
    // The month before is invoiced while this one runs.
    const firstDay = monthOf(addDays(monthOf(today).start, -1)).start;
    const report = await reconcile(context, { firstDay, endDay: addDays(today, 1) });
    if (!report.ok) throw new Error(report.error.message);
    await resendDifferences(context, report.value.items);
    const wrong = report.value.items.filter(({ isPending }) => !isPending);
    if (wrong.length === 0) return undefined;
    throw new Error(`${wrong.length} differences; see: stoa-billing reconcile --last (${report.value.id}).`);
  },
});

const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);
