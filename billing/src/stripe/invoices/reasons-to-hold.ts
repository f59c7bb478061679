import { fixOf } from '../../domain/reconciliation/finding.ts';
import type { LineMode } from '../../domain/invoicing/line-mode.ts';
import type { Statement } from '../../domain/statements/statement.ts';
import { listHolds } from '../reconciliation/holds.ts';
import { reconcile, type ReconciledItem } from '../reconciliation/reconcile.ts';
import type { ProviderContext } from '../provider-context.ts';
import { findObject } from '../provider-objects.ts';
import type { HoldReason } from './push-statement.ts';

/**
 * Why an invoice that equals its statement may still not become final: the meters do not hold what was sealed, a meter
 * reported errors that no comparison has settled, or a subscription charges for the same month.
 */
export const findReasonsToHold = async (
  context: ProviderContext,
  statement: Statement,
  lineMode: LineMode,
): Promise<readonly HoldReason[]> => {
  const { tenant, periodStart: firstDay, periodEnd: endDay } = statement;
  const report = await reconcile(context, { firstDay, endDay, tenant });
  if (!report.ok) return [{ text: `The meters cannot be compared: ${report.error.message}`, isPending: true }];
  const items = report.value.items.filter((item) => concerns(item, lineMode));
  const holds = await listHolds(context, toolsOf(statement));
  return [
    ...items.map(({ cause, subject, day, expected, found, isPending }) => ({
      text: `${subject} on ${day ?? firstDay}: ${expected} became ${found} (${cause}). ${fixOf(cause)}`,
      isPending,
    })),
    ...holds.map(({ detail, eventId }) => ({ text: `${detail} Compare again: ${eventId}`, isPending: false })),
    ...(lineMode === 'lines' ? await findDoubleCharges(context, statement) : []),
  ];
};

/** What the meters could not take is billed by the lines all the same. */
const concerns = ({ hop, cause }: ReconciledItem, lineMode: LineMode): boolean =>
  (hop === 'outbox' || hop === 'provider') && !(lineMode === 'lines' && cause === 'too_late');

const toolsOf = ({ lines }: Statement): readonly { readonly server: string; readonly tool: string }[] =>
  lines.flatMap(({ server, tool }) => (server === undefined || tool === undefined ? [] : [{ server, tool }]));

const findDoubleCharges = async (
  context: ProviderContext,
  { tenant, periodEnd }: Statement,
): Promise<readonly HoldReason[]> => {
  const customerId = await findObject(context, 'customer', tenant);
  if (customerId === undefined) return [];
  const end = Date.parse(periodEnd);
  const listed = await context.provider.listInvoices({ customerId, createdFrom: end });
  if (!listed.ok) return [{ text: `Other invoices cannot be listed: ${listed.error.message}`, isPending: true }];
  return listed.value
    .filter(
      (head) =>
        head.subscriptionId !== undefined &&
        head.periodEnd === end &&
        head.status !== 'void' &&
        head.subtotalMinor !== 0n,
    )
    .map(({ id }) => ({
      text: `${id} of a subscription charges for the same month: make it final and void it, then push again.`,
      isPending: false,
    }));
};
