import { createHash } from 'node:crypto';
import type { LineMode } from '../../domain/invoicing/line-mode.ts';
import { success } from '../../domain/result.ts';
import type { Statement } from '../../domain/statements/statement.ts';
import type { ProviderInvoice } from '../billing-provider.ts';
import type { ProviderContext } from '../provider-context.ts';
import { findObject } from '../provider-objects.ts';
import { byStatementLine, compareDraft } from './parity-gate.ts';
import { allDrafts, ensureInvoice, ensureLines, type Push } from './push-lines.ts';
import { pushMeters } from './push-meters.ts';
import { held, stopFor, type PushOutcome, type Step } from './push-outcome.ts';
import { beginInvoice, updateInvoice, type PushState, type StoredInvoice } from './stored-invoice.ts';

export interface PushOptions {
  /** Only asked when the statement has not been pushed before: a month that began as lines stays lines. */
  readonly lineMode: LineMode;
  /** False leaves the equal invoice as a draft. Shadow mode always does. */
  readonly finalize: boolean;
  /** Where a person sees all lines of the statement. */
  readonly link?: string;
  /** Asked once the invoice is equal and before it is final: anything that is not reconciled, a meter that reports errors. */
  readonly findReasonsToHold?: (statement: Statement) => Promise<readonly HoldReason[]>;
}

export interface HoldReason {
  readonly text: string;
  /** It will go by itself: the statement waits instead of being held. */
  readonly isPending: boolean;
}

/** An invoice that was compared. */
interface Compared {
  readonly invoice: ProviderInvoice;
  readonly differences: readonly string[];
}

const finalStates: readonly PushState[] = ['finalized', 'paid', 'void'];

/**
 * A sealed statement as an invoice: found or made, filled, read back, compared, and made final only when it is equal to the
 * minor unit. May be called again at any time, after any failure, and goes on where it stands.
 */
export const pushStatement = async (
  context: ProviderContext,
  statement: Statement,
  options: PushOptions,
): Promise<PushOutcome> => {
  if (statement.sealSha256 === undefined) throw new Error(`Statement ${statement.id} is not sealed.`);
  return push(context, { key: statement.id, statement }, options);
};

/** What the month would be so far, as a draft that is never final: for a demonstration, and to look at the layout. */
export const pushPreview = (
  context: ProviderContext,
  statement: Statement,
  { link }: Pick<PushOptions, 'link'> = {},
): Promise<PushOutcome> => {
  const content = statement.lines.map(({ description, amountMinor }) => `${description} ${amountMinor}`).join('\n');
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const key = `${statement.id}-preview-${digest}`;
  return push(
    context,
    { key, statement },
    { lineMode: 'lines', finalize: false, ...(link === undefined ? {} : { link }) },
  );
};

const push = async (
  context: ProviderContext,
  { key, statement }: { readonly key: string; readonly statement: Statement },
  options: PushOptions,
): Promise<PushOutcome> => {
  if (statement.lines.length === 0) return { kind: 'nothing_to_invoice' };
  const begun = await beginInvoice(context, { statementId: key, tenant: statement.tenant, lineMode: options.lineMode });
  const { state, invoiceId } = begun.stored;
  if (finalStates.includes(state)) return { kind: 'done', state, invoiceId: invoiceId ?? '' };
  const compared = await prepare(context, { key, statement, options, begun });
  if (!compared.ok) return stop(context, key, compared.error);
  const { invoice, differences } = compared.value;
  if (invoice.status !== 'draft') return finishedElsewhere(context, key, compared.value);
  const reasons = (await options.findReasonsToHold?.(statement)) ?? [];
  const pending = reasons.find(({ isPending }) => isPending);
  // Usage that is still on its way to the meters explains the difference, and both will go.
  if (differences.length > 0 && pending !== undefined && begun.stored.lineMode === 'meters')
    return { kind: 'waiting', because: pending.text };
  if (differences.length > 0) return hold(context, key, { invoice, because: DIFFERS, said: differences });
  const because = reasons.find(({ isPending }) => !isPending);
  if (because !== undefined)
    return hold(context, key, { invoice, because: because.text, said: reasons.map(({ text }) => text) });
  await updateInvoice(context, key, { state: 'verified', head: invoice });
  if (pending !== undefined) return { kind: 'waiting', because: pending.text };
  if (!options.finalize || context.mode === 'shadow') return { kind: 'draft', invoiceId: invoice.id };
  return finalize(context, key, invoice.id);
};

const DIFFERS = 'it differs from the statement';

const hold = async (
  context: ProviderContext,
  key: string,
  {
    invoice,
    because,
    said,
  }: { readonly invoice: ProviderInvoice; readonly because: string; readonly said: readonly string[] },
): Promise<PushOutcome> => {
  await updateInvoice(context, key, { state: 'held', heldBecause: because, differences: said, head: invoice });
  return { kind: 'held', because, differences: said, invoiceId: invoice.id };
};

const prepare = async (
  context: ProviderContext,
  {
    key,
    statement,
    options: { link },
    begun,
  }: {
    readonly key: string;
    readonly statement: Statement;
    readonly options: PushOptions;
    readonly begun: { readonly stored: StoredInvoice; readonly isNew: boolean };
  },
): Step<Compared> => {
  const customerId = await findObject(context, 'customer', statement.tenant);
  if (customerId === undefined)
    return held(`tenant ${statement.tenant} has no customer: run stoa-billing catalog apply`);
  const current: Push = { key, statement, customerId, ...(link === undefined ? {} : { link }) };
  return begun.stored.lineMode === 'meters'
    ? pushMeters(context, current, begun.stored)
    : pushLines(context, current, begun);
};

const pushLines = async (
  context: ProviderContext,
  current: Push,
  begun: { readonly stored: StoredInvoice; readonly isNew: boolean },
): Step<Compared> => {
  const ensured = await ensureInvoice(context, current, begun);
  if (!ensured.ok) return ensured;
  const read = await context.provider.readInvoice(ensured.value.invoiceId);
  if (!read.ok) return stopFor('reading the invoice', read.error);
  const drafts = allDrafts(current);
  const filled = read.value.status === 'draft' ? await ensureLines(context, current, read.value, drafts) : read;
  if (!filled.ok) return filled;
  const keyOf = byStatementLine(current.key);
  return success({
    invoice: filled.value,
    differences: compareDraft(current.statement, filled.value, { expected: drafts, keyOf }),
  });
};

/** The provider does not take the draft's amounts back afterwards, so the comparison is of this very moment. */
const finalize = async (context: ProviderContext, key: string, invoiceId: string): Promise<PushOutcome> => {
  const final = await context.provider.finalizeInvoice(invoiceId, `${context.environment}:finalize:${key}`);
  if (!final.ok) return stop(context, key, stopFor('making the invoice final', final.error).error);
  await updateInvoice(context, key, { state: final.value.status === 'paid' ? 'paid' : 'finalized', head: final.value });
  return { kind: 'finalized', invoiceId };
};

/** Final by our own call whose answer was lost, or by somebody's hand: either way it is compared, and told if it differs. */
const finishedElsewhere = async (
  context: ProviderContext,
  key: string,
  { invoice, differences }: Compared,
): Promise<PushOutcome> => {
  const state = invoice.status === 'paid' || invoice.status === 'void' ? invoice.status : 'finalized';
  const heldBecause = differences.length > 0 ? { heldBecause: 'it is final and differs from the statement' } : {};
  await updateInvoice(context, key, { state, head: invoice, differences, ...heldBecause });
  return { kind: 'done', state, invoiceId: invoice.id };
};

const stop = async (context: ProviderContext, key: string, outcome: PushOutcome): Promise<PushOutcome> => {
  if (outcome.kind === 'held')
    await updateInvoice(context, key, {
      state: 'held',
      heldBecause: outcome.because,
      differences: outcome.differences,
    });
  return outcome;
};
