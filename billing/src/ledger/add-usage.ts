import type { Knex } from 'knex';
import { sumInvocations, type UsageDelta } from '../domain/usage/sum-invocations.ts';
import type { InvocationRow } from '../domain/invocations/invocation-row.ts';
import { runSql } from '../database/query-rows.ts';
import { bindingsOf, namesOf, unnestOf, type Column } from './joined-column.ts';

const key: readonly Column<UsageDelta>[] = [
  { name: 'tenant', type: 'text', value: (delta) => delta.tenant },
  { name: 'day', type: 'date', value: (delta) => delta.day },
  { name: 'server', type: 'text', value: (delta) => delta.server },
  { name: 'tool', type: 'text', value: (delta) => delta.tool },
  { name: 'kind', type: 'text', value: (delta) => delta.kind },
  { name: 'application', type: 'text', value: (delta) => delta.application },
  { name: 'outcome', type: 'text', value: (delta) => delta.outcome },
];

const columns: readonly Column<UsageDelta>[] = [
  ...key,
  { name: 'n', type: 'bigint', value: (delta) => delta.count },
  { name: 'latency_ms_sum', type: 'bigint', value: (delta) => delta.latencyMsSum },
  { name: 'latency_ms_max', type: 'integer', value: (delta) => delta.latencyMsMax },
  { name: 'request_bytes', type: 'bigint', value: (delta) => delta.requestBytes },
  { name: 'response_bytes', type: 'bigint', value: (delta) => delta.responseBytes },
];

const upsert = `
  insert into usage_day as usage (${namesOf(columns)}, updated_at)
  select batch.*, now() from ${unnestOf(columns)} as batch (${namesOf(columns)})
  on conflict (${namesOf(key)}) do update set
    n = usage.n + excluded.n,
    latency_ms_sum = usage.latency_ms_sum + excluded.latency_ms_sum,
    latency_ms_max = greatest(usage.latency_ms_max, excluded.latency_ms_max),
    request_bytes = usage.request_bytes + excluded.request_bytes,
    response_bytes = usage.response_bytes + excluded.response_bytes,
    updated_at = excluded.updated_at`;

/** Adds invocations to the daily usage. Only rows that this transaction inserted may be given: others were counted before. */
export const addUsage = async (transaction: Knex, inserted: readonly InvocationRow[]): Promise<void> => {
  const deltas = sumInvocations(inserted);
  if (deltas.length > 0) await runSql(transaction, upsert, bindingsOf(columns, deltas));
};
