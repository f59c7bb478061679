import type { Knex } from 'knex';
import { queryRows } from '../database/query-rows.ts';
import { millisecondsOfId, timeLimits } from '../domain/invocations/invocation-time.ts';
import { readInvocationEvent, SOURCE_PREFIX, EVENT_TYPE } from '../domain/invocations/read-invocation-event.ts';
import { invocationColumns } from '../ledger/invocation-columns.ts';

/** An invocation as the database holds it, every column as text. */
export interface StoredInvocation {
  readonly id: string;
  readonly recordedAt: string;
  readonly late: boolean;
  readonly team: string | null;
  readonly columns: Readonly<Record<string, string | null>>;
}

/** Times as the record writes them, bytes as `\\x…`, the record byte for byte. */
const asText = invocationColumns.map(({ name, type }) => {
  if (type === 'timestamptz') return `'${name}', ${rfc3339(`i.${name}`)}`;
  return `'${name}', i.${name}::text`;
});

function rfc3339(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

const select = `
  select i.id, ${rfc3339('i.recorded_at')} as "recordedAt", i.late, i.team, json_build_object(${asText.join(', ')}) as columns
  from unnest(?::uuid[], ?::timestamptz[]) as entry (id, occurred_at) join invocation i using (occurred_at, id)`;

/** The rows of these ids, by id; one that is not there is left out. */
export const findChained = async (
  database: Knex,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredInvocation>> => {
  const times = ids.map((id) => new Date(millisecondsOfId(id)).toISOString());
  const rows = await queryRows<StoredInvocation>(database, select, [ids, times]);
  return new Map(rows.map((row) => [row.id, row]));
};

/** The columns that do not say what the record says, and `record` when it is none. Empty: the row agrees with itself. */
export const disagreements = ({ recordedAt, late, team, columns }: StoredInvocation): readonly string[] => {
  const derived = derive(columns);
  if (derived === undefined) return ['record'];
  const wrong = invocationColumns
    .filter(({ name, value }) => String(value(derived) ?? '\u001e') !== (columns[name] ?? '\u001e'))
    .map(({ name }) => name);
  const isLate = Date.parse(derived.occurredAt) < Date.parse(recordedAt) - timeLimits.late;
  return [...wrong, ...(isLate === late ? [] : ['late']), ...(team === null ? [] : ['team'])];
};

const derive = (columns: StoredInvocation['columns']) => {
  const record = columns['record'] ?? '';
  const event = {
    specversion: '1.0',
    id: columns['id'],
    source: `${SOURCE_PREFIX}${columns['node_id'] ?? ''}`,
    type: EVENT_TYPE,
    time: columns['occurred_at'],
    nodeepoch: columns['node_epoch'],
    nodesequence: Number(columns['node_sequence']),
    data: parse(record),
  };
  const read = readInvocationEvent({ value: event, record });
  return read.ok ? read.value : undefined;
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
