import { monthOf, type Period } from '../../domain/calendar/period.ts';
import type { Statement } from '../../domain/statements/statement.ts';
import { importPrices } from '../../price-book/import-prices.ts';
import { readPriceDocument } from '../../price-book/read-price-document.ts';
import { closePeriod } from '../../statements/close-period.ts';
import { findStatement } from '../../statements/statement-store.ts';
import { applyCatalog } from '../catalog/apply-catalog.ts';
import { planCatalog } from '../catalog/plan-catalog.ts';
import { refreshMeterDays } from '../outbox/refresh-meter-days.ts';
import { sendMeterTotals } from '../outbox/send-meter-totals.ts';
import type { ProviderContext } from '../provider-context.ts';
import { reconcile, type ReconciliationReport } from '../reconciliation/reconcile.ts';

/** Steps of the months of an operator, each failing loudly. */

export const loadPrices = async ({ database }: ProviderContext, text: string): Promise<void> => {
  const read = readPriceDocument(text);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const done = await importPrices(database, read.value, { actor: 'ann' });
  if (!done.ok) throw new Error(JSON.stringify(done.error));
  await database('billing.tenant').update({ created_at: '2020-01-01T00:00:00Z' });
};

export const applyWholeCatalog = async (context: ProviderContext): Promise<void> => {
  const planned = await planCatalog(context);
  if (!planned.ok) throw new Error(planned.error.message);
  const applied = await applyCatalog(context, planned.value);
  if (!applied.ok) throw new Error(`${applied.error.failedAt}: ${applied.error.failure.message}`);
};

/** The running month's usage to the meters. */
export const sendUsage = async (context: ProviderContext, period?: Period): Promise<void> => {
  const { start, end } = period ?? monthOf(new Date(context.now()).toISOString().slice(0, 10));
  await refreshMeterDays(context, { firstDay: start, endDay: end });
  await sendMeterTotals(context);
};

export const closeMonth = async (context: ProviderContext, period: Period): Promise<readonly Statement[]> => {
  const closed = await closePeriod(context.database, period, { now: new Date(context.now()) });
  if (!closed.ok) throw new Error(JSON.stringify(closed.error));
  const { held, failed, sealed } = closed.value;
  if (held.length + failed.length > 0)
    throw new Error(JSON.stringify([held, failed].flat().map(({ blockers }) => blockers)));
  const statements: Statement[] = [];
  for (const { id } of sealed) {
    const stored = await findStatement(context.database, id);
    if (stored !== undefined) statements.push(stored.statement);
  }
  return statements;
};

export const reconciled = async (
  context: ProviderContext,
  { start, end }: Period,
  tenant?: string,
): Promise<ReconciliationReport> => {
  const scope = { firstDay: start, endDay: end };
  const report = await reconcile(context, tenant === undefined ? scope : { ...scope, tenant });
  if (!report.ok) throw new Error(report.error.message);
  return report.value;
};
