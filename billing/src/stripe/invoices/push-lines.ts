import { createHash } from 'node:crypto';
import { draftLines, type DraftLine } from '../../domain/invoicing/draft-lines.ts';
import { success } from '../../domain/result.ts';
import type { Statement } from '../../domain/statements/statement.ts';
import type { InvoiceHead, Metadata, NewInvoiceLine, ProviderInvoice } from '../billing-provider.ts';
import type { ProviderContext } from '../provider-context.ts';
import { listObjects, toolKey } from '../provider-objects.ts';
import { held, stopFor, type Step } from './push-outcome.ts';
import { updateInvoice, type StoredInvoice } from './stored-invoice.ts';

/** A statement on its way. `key` is its id, or that of a preview of it. */
export interface Push {
  readonly key: string;
  readonly statement: Statement;
  readonly customerId: string;
  readonly link?: string;
}

/** Clocks differ, and the provider's has seconds. */
const CLOCK_MARGIN_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * The draft of this statement. Whoever comes again looks for it first: the provider forgets idempotency keys after a day,
 * and a second invoice would be charged.
 */
export const ensureInvoice = async (
  context: ProviderContext,
  push: Push,
  { stored, isNew }: { readonly stored: StoredInvoice; readonly isNew: boolean },
): Step<{ readonly invoiceId: string }> => {
  if (stored.invoiceId !== undefined) return success({ invoiceId: stored.invoiceId });
  if (!isNew) {
    const found = await findByStatement(context, push, stored.begunAt);
    if (!found.ok) return found;
    if (found.value !== undefined) return remember(context, push, found.value);
  }
  const { key, statement, customerId } = push;
  const created = await context.provider.createInvoice(
    {
      customerId,
      currency: statement.currency,
      description: `Tool invocations ${statement.periodStart.slice(0, 7)}`,
      metadata: invoiceMetadata(context, push),
    },
    `${context.environment}:invoice:${key}`,
  );
  return created.ok ? remember(context, push, created.value) : stopFor('creating the invoice', created.error);
};

const remember = async (context: ProviderContext, { key }: Push, head: InvoiceHead): Step<{ invoiceId: string }> => {
  await updateInvoice(context, key, { state: 'created', head });
  return success({ invoiceId: head.id });
};

const findByStatement = async (
  { provider }: ProviderContext,
  { key, customerId }: Push,
  begunAt: number,
): Step<InvoiceHead | undefined> => {
  const listed = await provider.listInvoices({ customerId, createdFrom: begunAt - CLOCK_MARGIN_MS });
  if (!listed.ok) return stopFor('looking for the invoice', listed.error);
  const ours = listed.value.filter(({ metadata, status }) => metadata['statement_id'] === key && status !== 'void');
  if (ours.length > 1)
    return held(`${ours.length} invoices carry this statement: ${ours.map(({ id }) => id).join(', ')}`);
  return success(ours[0]);
};

export const invoiceMetadata = ({ environment }: ProviderContext, { key, statement }: Push): Metadata => ({
  environment,
  statement_id: key,
  tenant: statement.tenant,
  ...(statement.sealSha256 === undefined ? {} : { seal_sha256: statement.sealSha256 }),
});

/** Every line in one call, unless they are there already. */
export const ensureLines = async (
  context: ProviderContext,
  push: Push,
  invoice: ProviderInvoice,
  drafts: readonly DraftLine[],
): Step<ProviderInvoice> => {
  const missing = drafts.filter(({ statementLines }) => !hasLine(invoice, push, statementLines));
  if (missing.length === 0) return success(invoice);
  if (missing.length < drafts.length)
    return held(
      `the invoice has some of our lines and not ${missing.map(({ statementLines }) => statementLines).join(', ')}`,
      {
        invoiceId: invoice.id,
      },
    );
  const lines = await toNewLines(context, push, drafts);
  const added = await context.provider.addInvoiceLines(invoice.id, lines, linesKey(context, push, lines));
  if (!added.ok) return stopFor('adding the lines', added.error);
  const read = await context.provider.readInvoice(invoice.id);
  return read.ok ? success(read.value) : stopFor('reading the invoice back', read.error);
};

/** With a digest of the lines: a refusal is remembered under its key too, and must not outlive what was mended. */
const linesKey = ({ environment }: ProviderContext, { key }: Push, lines: readonly NewInvoiceLine[]): string => {
  const text = JSON.stringify(lines, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  return `${environment}:lines:${key}:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
};

/** All of the statement as lines. */
export const allDrafts = ({ statement, link }: Push): readonly DraftLine[] =>
  draftLines(statement, link === undefined ? {} : { link });

const hasLine = ({ lines }: ProviderInvoice, { key }: Push, statementLines: string): boolean =>
  lines.some(({ metadata }) => metadata['statement_id'] === key && metadata['statement_line'] === statementLines);

const toNewLines = async (
  context: ProviderContext,
  { key, statement }: Push,
  drafts: readonly DraftLine[],
): Promise<readonly NewInvoiceLine[]> => {
  const products = await listObjects(context, 'product');
  return drafts.map((draft) => {
    const { server, tool, evidenceSha256 } = draft;
    const productId = server === undefined || tool === undefined ? undefined : products.get(toolKey(server, tool));
    const product = productId === undefined ? { name: `${server ?? ''}/${tool ?? ''}` } : { id: productId };
    return {
      description: draft.description,
      currency: statement.currency,
      price:
        draft.charge.kind === 'amount'
          ? { kind: 'amount', amountMinor: draft.amountMinor }
          : { ...draft.charge, product },
      // Stripe includes the end: the last second of the last day.
      period: { start: Date.parse(draft.days[0]), end: Date.parse(draft.days[1]) + DAY_MS - 1000 },
      metadata: {
        statement_id: key,
        statement_line: draft.statementLines,
        ...(server === undefined ? {} : { server }),
        ...(tool === undefined ? {} : { tool }),
        ...(evidenceSha256 === undefined ? {} : { evidence_sha256: evidenceSha256 }),
      },
    };
  });
};
