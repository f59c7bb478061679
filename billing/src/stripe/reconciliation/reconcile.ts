import { createHash } from 'node:crypto';
import { queryRows } from '../../database/query-rows.ts';
import type { Finding } from '../../domain/reconciliation/finding.ts';
import { reconcileDay, type DayCounts } from '../../domain/reconciliation/reconcile-day.ts';
import {
  reconcileEpoch,
  reconcileInvoice,
  reconcileQuarantine,
  reconcileStatement,
} from '../../domain/reconciliation/reconcile-period.ts';
import { success } from '../../domain/result.ts';
import type { Answer } from '../billing-provider.ts';
import type { ProviderContext } from '../provider-context.ts';
import { clearHolds, listHolds } from './holds.ts';
import { loadBilledStatements, type BilledStatement } from './load-billed.ts';
import { loadLocalDays, type LocalDay, type ReconcileScope } from './load-day-counts.ts';
import { addProviderCounts } from './load-provider-days.ts';
import { storeRun } from './store-run.ts';

/** A difference and what it is about. */
export interface ReconciledItem extends Finding {
  /** For people: a node and its run, a tool and a day, a statement. */
  readonly subject: string;
  readonly tenant?: string;
  readonly server?: string;
  readonly tool?: string;
  readonly day?: string;
}

export interface ReconciliationReport extends ReconcileScope {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Every tool and day with its counts at each hop, equal or not. */
  readonly days: readonly (Pick<LocalDay, 'tenant' | 'server' | 'tool' | 'day'> & {
    readonly counts: DayCounts;
    readonly findings: readonly Finding[];
  })[];
  readonly statements: readonly Pick<BilledStatement, 'id' | 'tenant' | 'currency' | 'quantities' | 'invoice'>[];
  /** What differs, from the gateway outwards. */
  readonly items: readonly ReconciledItem[];
  readonly clearedHolds: number;
}

/**
 * Compares every place that counts: what nodes numbered, what the ledger holds, what the rollup adds up to, what was sent,
 * what the provider counted, what was billed, invoiced and paid. Each difference has a hop and a cause. The report is kept.
 */
export const reconcile = async (context: ProviderContext, scope: ReconcileScope): Answer<ReconciliationReport> => {
  const startedAt = context.now();
  const counted = await addProviderCounts(context, scope, await loadLocalDays(context, scope));
  if (!counted.ok) return counted;
  const statements = await loadBilledStatements(context, scope);
  const days = counted.value.map((each) => ({ ...each, findings: findingsOf(each, statements, startedAt) }));
  const items = [
    ...(await gatewayItems(context, scope)),
    ...days.flatMap(({ tenant, server, tool, day, findings }) =>
      findings.map((finding) => ({ ...finding, subject: `${server}/${tool}`, tenant, server, tool, day })),
    ),
    ...statements.flatMap((statement) => statementItems(statement, counted.value)),
  ];
  const report: ReconciliationReport = {
    ...scope,
    id: runId(context, scope, startedAt),
    ...{ startedAt, days, statements, items },
    clearedHolds: await clearSettledHolds(context, counted.value, items, startedAt),
  };
  await storeRun(context, report);
  return success(report);
};

/** Days of a sealed month stay as they were sealed: later usage shows at the statement, not at the outbox. */
const findingsOf = (
  { tenant, day, counts }: LocalDay,
  statements: readonly BilledStatement[],
  now: number,
): readonly Finding[] => {
  const isSealed = statements.some((each) => each.tenant === tenant && each.periodStart <= day && day < each.periodEnd);
  const findings = reconcileDay(counts, now);
  return isSealed ? findings.filter(({ cause }) => cause !== 'outbox_stale') : findings;
};

const statementItems = (statement: BilledStatement, days: readonly LocalDay[]): readonly ReconciledItem[] => {
  const { id, tenant, periodStart, periodEnd, quantities, invoice } = statement;
  const usage = new Map<string, bigint>();
  for (const { counts, ...each } of days)
    if (each.tenant === tenant && each.day >= periodStart && each.day < periodEnd && counts.outbox !== undefined) {
      const key = `${each.server}\n${each.tool}`;
      usage.set(key, (usage.get(key) ?? 0n) + counts.rolledUpBillable);
    }
  const tools = [...new Set([...usage.keys(), ...quantities.keys()])];
  return [
    ...tools.flatMap((key) => {
      const [server = '', tool = ''] = key.split('\n');
      return reconcileStatement({
        rolledUpBillable: usage.get(key) ?? 0n,
        billed: quantities.get(key) ?? 0n,
      }).map((finding) => ({ ...finding, subject: id, tenant, server, tool }));
    }),
    ...reconcileInvoice(invoice).map((finding) => ({ ...finding, subject: id, tenant })),
  ];
};

/** A node's numbers say nothing about tenants: they are looked at for everybody only. */
const gatewayItems = async (
  { database }: ProviderContext,
  { firstDay, endDay, tenant }: ReconcileScope,
): Promise<readonly ReconciledItem[]> => {
  if (tenant !== undefined) return [];
  const epochs = await queryRows<{
    readonly node_id: string;
    readonly epoch: string;
    readonly max_sequence: bigint;
    readonly missing: bigint;
  }>(
    database,
    `select e.node_id, e.epoch, e.max_sequence,
       coalesce(sum(g.to_sequence - g.from_sequence + 1), 0)::bigint as missing
     from node_epoch e left join node_gap g on g.node_id = e.node_id and g.epoch = e.epoch and g.closed_at is null
     where e.last_seen >= ?::date and e.first_seen < ?::date
     group by e.node_id, e.epoch, e.max_sequence order by e.node_id, e.epoch`,
    [firstDay, endDay],
  );
  const waiting = await queryRows<{ readonly node_id: string; readonly open: bigint }>(
    database,
    `select node_id, count(*) as open from quarantine
     where resolved_at is null and first_seen >= ?::date and first_seen < ?::date group by node_id order by node_id`,
    [firstDay, endDay],
  );
  return [
    ...epochs.flatMap(({ node_id: node, epoch, max_sequence: maxSequence, missing }) =>
      reconcileEpoch({ maxSequence, missing }).map((finding) => ({ ...finding, subject: `${node} run ${epoch}` })),
    ),
    ...waiting.flatMap(({ node_id: node, open }) =>
      reconcileQuarantine(open).map((finding) => ({ ...finding, subject: node })),
    ),
  ];
};

/** A meter's errors are settled when all of its days were compared after them and are equal. */
const clearSettledHolds = async (
  context: ProviderContext,
  days: readonly LocalDay[],
  items: readonly ReconciledItem[],
  before: number,
): Promise<number> => {
  if ((await listHolds(context)).length === 0) return 0;
  const differing = new Set(
    items.filter(({ hop }) => hop === 'outbox' || hop === 'provider').map(({ server, tool }) => `${server}\n${tool}`),
  );
  const compared = days.filter(({ meterId, counts }) => meterId !== undefined && counts.counted !== undefined);
  const equal = compared.filter(({ server, tool }) => !differing.has(`${server}\n${tool}`));
  const meterIds = [...new Set(equal.flatMap(({ meterId }) => (meterId === undefined ? [] : [meterId])))];
  const ofMeters = await clearHolds(context, { before, meterIds });
  // "No meter of that name" could have been any of them.
  return differing.size > 0 ? ofMeters : ofMeters + (await clearHolds(context, { before, meterIds: 'none' }));
};

const runId = ({ environment }: ProviderContext, scope: ReconcileScope, startedAt: number): string => {
  const text = JSON.stringify([environment, scope.firstDay, scope.endDay, scope.tenant ?? null, startedAt]);
  return `rec_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
};
