import type { Database } from '../database/open-database.ts';
import type { Issue } from '../domain/issue.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { toCsv, type CsvColumn } from '../exports/csv.ts';
import { searchInvocations, type FoundInvocation, type InvocationFilter } from './search-invocations.ts';

/** The largest page of the search: an export holds one in memory, however long it is. */
const PAGE = 500;

export type AuditExportFormat = 'ndjson' | 'csv';

export interface AuditExportOptions {
  readonly format: AuditExportFormat;
  /** Rows written so far. */
  readonly onProgress?: (rows: number) => void;
}

/** Every record that fits, oldest first, as text piece by piece. Refused at once when the filter is; rejects on the way when the database goes. */
export const exportInvocations = async (
  database: Database,
  filter: InvocationFilter,
  options: AuditExportOptions,
): Promise<Result<AsyncIterable<string>, Issue>> => {
  const first = await searchInvocations(database, filter, { limit: PAGE, order: 'oldest_first' });
  if (!first.ok) return failure(first.error);
  return success(pages(database, filter, first.value, options));
};

async function* pages(
  database: Database,
  filter: InvocationFilter,
  first: { readonly items: readonly FoundInvocation[]; readonly next?: string },
  { format, onProgress }: AuditExportOptions,
): AsyncGenerator<string> {
  let rows = 0;
  for (let page = first; ;) {
    const isFirst = rows === 0;
    rows += page.items.length;
    yield format === 'csv' ? csvOf(page.items, isFirst) : ndjsonOf(page.items);
    onProgress?.(rows);
    if (page.next === undefined) return;
    const next = await searchInvocations(database, filter, { limit: PAGE, order: 'oldest_first', cursor: page.next });
    if (!next.ok) throw new Error(next.error.problem);
    page = next.value;
  }
}

/** Only the first page has the line of names. */
const csvOf = (items: readonly FoundInvocation[], isFirst: boolean): string => {
  const text = toCsv(columns, items);
  return isFirst ? text : text.slice(text.indexOf('\r\n') + 2);
};

const ndjsonOf = (items: readonly FoundInvocation[]): string =>
  items.map((item) => `${JSON.stringify(item, plainNumbers)}\n`).join('');

/** Bytes and sequences stay below 2^53: the reader of an event refuses what does not. */
const plainNumbers = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);

const text = (name: keyof FoundInvocation): CsvColumn<FoundInvocation> => ({
  name,
  kind: 'text',
  value: (item) => {
    const value = item[name];
    if (value instanceof Date) return value.toISOString();
    return value === null ? undefined : String(value);
  },
});

const number = (name: keyof FoundInvocation): CsvColumn<FoundInvocation> => ({ ...text(name), kind: 'number' });

const columns: readonly CsvColumn<FoundInvocation>[] = [
  ...[text('id'), text('occurredAt'), text('recordedAt'), text('late'), text('tenant'), text('application')],
  ...[text('user'), text('consumer'), text('server'), text('tool'), text('kind'), text('method'), text('decision')],
  ...[text('outcome'), text('reason'), text('rule'), text('policy'), text('policyRevision'), text('plan')],
  ...[number('status'), number('upstreamStatus'), number('latencyMs'), number('upstreamMs'), number('requestBytes')],
  ...[number('responseBytes'), text('argumentsSha256'), text('traceId'), text('nodeId'), text('nodeEpoch')],
  ...[number('nodeSequence'), text('contentSha256')],
];
