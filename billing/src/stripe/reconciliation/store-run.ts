import type { ProviderContext } from '../provider-context.ts';
import type { ReconciledItem, ReconciliationReport } from './reconcile.ts';

/** Rows of one INSERT: 13 columns stay below the 65,535 parameters of a statement. */
const ROWS_PER_INSERT = 4_000;
/** Differences kept of one run. Whoever has more has one cause, not ten thousand. */
const MAX_ITEMS = 10_000;

/** Keeps what differed, and how much was compared. */
export const storeRun = async (
  { database, environment, now }: ProviderContext,
  report: ReconciliationReport,
): Promise<void> => {
  const items = report.items.slice(0, MAX_ITEMS);
  await database.transaction(async (transaction) => {
    const inserted = await transaction('billing.reconciliation_run')
      .insert({
        id: report.id,
        environment,
        tenant: report.tenant ?? null,
        ...{ first_day: report.firstDay, end_day: report.endDay },
        ...{ started_at: new Date(report.startedAt), finished_at: new Date(now()) },
        compared: report.days.length,
        pending: report.items.filter(({ isPending }) => isPending).length,
        wrong: report.items.filter(({ isPending }) => !isPending).length,
      })
      .onConflict('id')
      .ignore()
      .returning<readonly { readonly id: string }[]>('id');
    if (inserted.length === 0) return;
    for (let start = 0; start < items.length; start += ROWS_PER_INSERT)
      await transaction('billing.reconciliation_item').insert(
        items.slice(start, start + ROWS_PER_INSERT).map((item, index) => toRow(report.id, start + index + 1, item)),
      );
  });
};

const toRow = (runId: string, itemNo: number, item: ReconciledItem) => ({
  run_id: runId,
  item_no: itemNo,
  ...{ hop: item.hop, cause: item.cause, subject: item.subject },
  ...{ tenant: item.tenant ?? null, server: item.server ?? null, tool: item.tool ?? null, day: item.day ?? null },
  ...{ expected: item.expected.toString(), found: item.found.toString(), is_pending: item.isPending },
});

/** A kept run without its days. */
export interface StoredRun {
  readonly id: string;
  readonly tenant?: string;
  readonly firstDay: string;
  readonly endDay: string;
  readonly startedAt: Date;
  readonly compared: number;
  readonly pending: number;
  readonly wrong: number;
}

interface RunRow {
  readonly id: string;
  readonly tenant: string | null;
  readonly first_day: string;
  readonly end_day: string;
  readonly started_at: Date;
  readonly compared: number;
  readonly pending: number;
  readonly wrong: number;
}

/** Newest first. */
export const listRuns = async (
  { database, environment }: Pick<ProviderContext, 'database' | 'environment'>,
  { limit = 100 }: { readonly limit?: number } = {},
): Promise<readonly StoredRun[]> => {
  const rows = await database('billing.reconciliation_run')
    .where({ environment })
    .orderBy([{ column: 'started_at', order: 'desc' }, 'id'])
    .limit(limit)
    .select<readonly RunRow[]>('*');
  return rows.map(({ id, tenant, first_day: firstDay, end_day: endDay, started_at: startedAt, ...counts }) => ({
    ...{ id, firstDay, endDay, startedAt },
    ...{ compared: counts.compared, pending: counts.pending, wrong: counts.wrong },
    ...(tenant === null ? {} : { tenant }),
  }));
};

/** Differences of a kept run, from the gateway outwards. */
export const listRunItems = async (
  { database }: Pick<ProviderContext, 'database'>,
  runId: string,
): Promise<readonly ReconciledItem[]> => {
  const rows = await database('billing.reconciliation_item')
    .where({ run_id: runId })
    .orderBy('item_no')
    .select<readonly ItemRow[]>('*');
  return rows.map((row) => ({
    ...{ hop: row.hop, cause: row.cause, subject: row.subject },
    ...{ expected: row.expected, found: row.found, isPending: row.is_pending },
    ...(row.tenant === null ? {} : { tenant: row.tenant }),
    ...(row.server === null ? {} : { server: row.server }),
    ...(row.tool === null ? {} : { tool: row.tool }),
    ...(row.day === null ? {} : { day: row.day }),
  }));
};

interface ItemRow {
  readonly hop: ReconciledItem['hop'];
  readonly cause: ReconciledItem['cause'];
  readonly subject: string;
  readonly tenant: string | null;
  readonly server: string | null;
  readonly tool: string | null;
  readonly day: string | null;
  readonly expected: bigint;
  readonly found: bigint;
  readonly is_pending: boolean;
}
