import type { Database } from '../../database/open-database.ts';
import { ensurePartitions } from '../../ledger/partitions.ts';

export interface SeededCalls {
  readonly day: string;
  readonly count: number;
  readonly tenant?: string;
  readonly application?: string;
  readonly server?: string;
  readonly tool?: string;
  readonly kind?: string;
  readonly outcome?: string;
  /** End of the day by default. */
  readonly recordedAt?: string;
  /** Only the daily usage, without the records: what must never happen. */
  readonly isRollupOnly?: boolean;
}

/** Makes ids of calls differ that are equal in everything else. */
let batches = 0;

/**
 * Calls with their daily usage, as ingest writes them, but of any day and recorded at any time: fixed dates stay inside what a
 * test means, while the ledger itself refuses what is older than 400 days.
 */
export const seedCalls = async (database: Database, calls: SeededCalls): Promise<void> => {
  const {
    tenant = 'acme',
    application = 'bot',
    server = 'weather',
    tool = 'forecast',
    kind = 'tool',
    outcome = 'ok',
  } = calls;
  const { day, count, recordedAt = `${day}T23:59:59.999Z` } = calls;
  await ensurePartitions(database, [day.slice(0, 7)]);
  batches += 1;
  if (calls.isRollupOnly !== true)
    await database.raw(
      `insert into billing.invocation (id, occurred_at, recorded_at, late, tenant, application, server, tool, kind, method,
         decision, outcome, status, latency_ms, request_bytes, response_bytes, node_id, node_epoch, node_sequence, content_sha256, record)
       select (left(ms, 8) || '-' || right(ms, 4) || '-7' || substr(hash, 1, 3) || '-8' || substr(hash, 4, 3) || '-' || substr(hash, 7, 12))::uuid,
         occurred_at, ?, false, ?, ?, ?, ?, ?, 'tools/call', 'allow', ?, 200, 40, 800, 2000, 'gw-1', '019cacafe0000badcafe', ?::bigint * 1000000 + i,
         sha256(hash::bytea), '{}'
       from (
         select i, occurred_at, lpad(to_hex((extract(epoch from occurred_at) * 1000)::bigint), 12, '0') as ms, md5(? || '/' || i) as hash
         from (select i, ?::date + (i % 86400000) * interval '1 millisecond' as occurred_at from generate_series(1, ?::integer) i) times
       ) ids`,
      [recordedAt, tenant, application, server, tool, kind, outcome, batches, String(batches), day, count],
    );
  await database.raw(
    `insert into billing.usage_day as usage (tenant, day, server, tool, kind, application, outcome, n, latency_ms_sum, latency_ms_max,
       request_bytes, response_bytes, updated_at) values (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, ?)
     on conflict (tenant, day, server, tool, kind, application, outcome) do update set n = usage.n + excluded.n`,
    [tenant, day, server, tool, kind, application, outcome, count, recordedAt],
  );
};
