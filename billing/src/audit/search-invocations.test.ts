import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../database/testing/test-database.ts';
import { createIngest } from '../ledger/ingest.ts';
import { incoming, newEvent, type EventOptions } from '../ledger/testing/events.ts';
import { exportInvocations, type AuditExportFormat } from './export-invocations.ts';
import { findInvocation } from './find-invocation.ts';
import { searchInvocations, type InvocationFilter } from './search-invocations.ts';

const DAY = 86_400_000;
const noon = new Date(Math.floor(Date.now() / DAY) * DAY - DAY / 2);
const at = (minutes: number): string => new Date(noon.getTime() + minutes * 60_000).toISOString();
const digest = createHash('sha256').update('4').digest('hex');

/** Sequence, minute after noon, and what differs from acme's usual call. */
const calls: readonly (readonly [number, number, NonNullable<EventOptions['record']>])[] = [
  [1, 0, {}],
  [2, 1, { user: 'bob', outcome: 'tool_error' }],
  [
    3,
    1,
    { application: '=cmd|A0', tool: 'delete_invoice', decision: 'deny', outcome: 'refused', reason: 'tool_denied' },
  ],
  [4, 2, { tenant: 'globex', traceId: 'b'.repeat(32), user: undefined }],
  [5, 3, { tenant: undefined, argumentsSha256: digest }],
  [6, 4, { tool: undefined, kind: 'list', method: 'tools/list', consumer: 'acme-ops' }],
];

describe.skipIf(!hasPostgres)('the audit search', () => {
  let test: TestDatabase;
  const events = calls.map(([sequence, minute, record]) => newEvent({ sequence, occurredAt: at(minute), record }));
  beforeAll(async () => {
    test = await createTestDatabase();
    await createIngest(test.database)({ nodeId: 'gw-1', events: incoming(events) });
  });
  afterAll(() => test.close());

  const window = { from: new Date(at(-1)), to: new Date(at(60)) };
  const sequencesOf = (items: readonly { readonly nodeSequence: bigint }[]) =>
    items.map(({ nodeSequence }) => Number(nodeSequence));
  const search = async (filter: Partial<InvocationFilter>, page = {}) => {
    const found = await searchInvocations(test.database, { ...window, ...filter }, page);
    return found.ok ? sequencesOf(found.value.items).sort() : found.error;
  };

  it.each<[Partial<InvocationFilter>, readonly number[]]>([
    [{}, [1, 2, 3, 4, 5, 6]],
    [{ tenant: 'acme' }, [1, 2, 3, 6]],
    [{ tenant: '' }, [5]],
    [{ application: '=cmd|A0' }, [3]],
    [{ user: 'bob' }, [2]],
    [{ consumer: 'acme-ops' }, [6]],
    [{ tool: 'delete_invoice' }, [3]],
    [{ server: 'orders', tool: 'create_invoice', tenant: 'acme' }, [1, 2]],
    [{ decision: 'deny' }, [3]],
    [{ outcome: 'tool_error' }, [2]],
    [{ reason: 'tool_denied' }, [3]],
    [{ argumentsSha256: digest }, [4, 5]],
    [{ traceId: 'b'.repeat(32) }, [4]],
    [{ nodeId: 'gw-2' }, []],
    [{ from: new Date(at(1)), to: new Date(at(2)) }, [2, 3]],
  ])('finds with %j the calls %j', async (filter, expected) => {
    expect(await search(filter)).toEqual(expected);
  });

  it.each<[Partial<InvocationFilter>, object, string]>([
    [{ to: window.from }, {}, 'to'],
    [{ argumentsSha256: 'ABC' }, {}, 'argumentsSha256'],
    [{ from: new Date(noon.getTime() - 40 * DAY) }, {}, 'from'],
    [{}, { cursor: 'bm90IGEgY3Vyc29y' }, 'cursor'],
  ])('refuses %j %j and names the field %s', async (filter, page, field) => {
    expect(await search(filter, page)).toMatchObject({ path: field });
  });

  it('searches 40 days for one tenant', async () => {
    expect(await search({ from: new Date(noon.getTime() - 40 * DAY), tenant: 'globex' })).toEqual([4]);
  });

  it.each(['newest_first', 'oldest_first'] as const)('gives every call once in pages of 2, %s', async (order) => {
    const seen: number[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 10; page += 1) {
      const found = await searchInvocations(test.database, window, {
        limit: 2,
        order,
        ...(cursor === undefined ? {} : { cursor }),
      });
      if (!found.ok) throw new Error(found.error.problem);
      seen.push(...sequencesOf(found.value.items));
      cursor = found.value.next;
      if (cursor === undefined) break;
    }
    expect(seen).toHaveLength(6);
    expect([...seen].sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect([seen[0], seen[5]]).toEqual(order === 'newest_first' ? [6, 1] : [1, 6]);
  });

  it('gives one record byte for byte, with the digest of those bytes', async () => {
    const found = await findInvocation(test.database, events[3]?.id ?? '');
    expect(found?.record).toBe(JSON.stringify(events[3]?.data));
    expect(found?.contentSha256).toBe(
      createHash('sha256')
        .update(found?.record ?? '')
        .digest('hex'),
    );
    expect(await findInvocation(test.database, '00000000-0000-7000-8000-000000000000')).toBeUndefined();
    expect(await findInvocation(test.database, 'no id')).toBeUndefined();
  });

  const exported = async (format: AuditExportFormat): Promise<readonly string[]> => {
    const made = await exportInvocations(test.database, window, { format });
    if (!made.ok) throw new Error(made.error.problem);
    let text = '';
    for await (const piece of made.value) text += piece;
    return text.split(/\r?\n/).filter((line) => line !== '');
  };

  it('exports a line of JSON for each call, oldest first', async () => {
    const lines = (await exported('ndjson')).map((line) => JSON.parse(line) as { id: string; nodeSequence: number });
    expect(lines.map(({ id }) => id)).toEqual(
      [...events].sort((a, b) => (a.time + a.id < b.time + b.id ? -1 : 1)).map(({ id }) => id),
    );
  });

  it('exports CSV with one line of names, in which no cell is a formula', async () => {
    const lines = await exported('csv');
    expect(lines).toHaveLength(7);
    expect(lines[0]).toMatch(/^id,occurredAt,recordedAt,/);
    expect(lines.join('\n')).toContain(",'=cmd|A0,");
    expect(lines.join('\n')).not.toContain(',=cmd');
  });

  it('refuses to export what the search refuses', async () => {
    expect(await exportInvocations(test.database, { ...window, to: window.from }, { format: 'csv' })).toMatchObject({
      ok: false,
      error: { path: 'to' },
    });
  });

  it('exports more than a page without a call twice or none', async () => {
    const other = await createTestDatabase();
    const many = Array.from({ length: 1_201 }, (_, index) =>
      newEvent({ sequence: index + 1, occurredAt: at(index % 7) }),
    );
    await createIngest(other.database)({ nodeId: 'gw-1', events: incoming(many) });
    const progress: number[] = [];
    const made = await exportInvocations(other.database, window, {
      format: 'csv',
      onProgress: (rows) => progress.push(rows),
    });
    if (!made.ok) throw new Error(made.error.problem);
    const ids: string[] = [];
    for await (const piece of made.value) ids.push(...piece.split('\r\n').map((line) => line.slice(0, 36)));
    await other.close();
    const found = ids.filter((id) => /^[0-9a-f-]{36}$/.test(id));
    expect(found.sort()).toEqual(many.map(({ id }) => id).sort());
    expect(progress).toEqual([500, 1_000, 1_201]);
  });
});
