import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../database/open-database.ts';
import { queryRows } from '../database/query-rows.ts';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../database/testing/test-database.ts';
import { createIngest, type Ingest } from './ingest.ts';
import { createNodeCredential, listGaps, listNodes } from './node-credentials.ts';
import { listPartitions } from './partitions.ts';
import { listQuarantine } from './quarantine.ts';
import { countRows } from './testing/count-rows.ts';
import { EPOCH, incoming, newEvent, newEvents } from './testing/events.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const ago = (milliseconds: number): string => new Date(Date.now() - milliseconds).toISOString();

describe.skipIf(!hasPostgres)('ingest', () => {
  let test: TestDatabase;
  let ingest: Ingest;
  beforeEach(async () => {
    test = await createTestDatabase();
    ingest = createIngest(test.database);
  });
  afterEach(() => test.close());

  const send = (events: readonly unknown[], nodeId = 'gw-1') => ingest({ nodeId, events: incoming(events) });
  const usage = () =>
    queryRows(
      test.database,
      `select day, tenant, application, server, tool, kind, outcome, n, latency_ms_sum, latency_ms_max, request_bytes,
         response_bytes from usage_day order by day, tenant, tool, outcome`,
    );

  it('stores a batch, sums it by day, and counts it as duplicate when it comes again', async () => {
    const occurredAt = ago(MINUTE);
    const events = newEvents(3, { occurredAt });
    expect(await send(events)).toEqual({ accepted: 3, duplicate: 0, quarantined: [] });
    expect(await send(events)).toEqual({ accepted: 0, duplicate: 3, quarantined: [] });
    expect(await countRows(test.database)).toEqual({ raw: 3n, tools: 3n, rollup: 3n, chained: 3n, quarantined: 0n });
    expect(await usage()).toEqual([
      {
        ...{ day: occurredAt.slice(0, 10), tenant: 'acme', application: 'support', server: 'orders' },
        ...{ tool: 'create_invoice', kind: 'tool', outcome: 'ok', n: 3n, latency_ms_sum: 120n, latency_ms_max: 40 },
        ...{ request_bytes: 2_400n, response_bytes: 6_000n },
      },
    ]);
  });

  it('stores every field of a record beside the record', async () => {
    const event = newEvent({
      sequence: 7,
      record: {
        ...{ decision: 'deny', outcome: 'refused', reason: 'tool_denied', policyRevision: 'r7', plan: 'gold' },
        ...{ traceId: 'a'.repeat(32), latencyMs: { total: 1.6 }, status: 403, upstreamStatus: undefined },
        arguments: { note: 'Ω "quoted" \\ \u0000 and a line\nbreak', half: '\ud800' },
      },
    });
    await send([event]);
    const [row] = await queryRows<Record<string, unknown>>(test.database, 'select * from invocation');
    expect(row).toMatchObject({
      ...{ id: event.id, occurred_at: new Date(event.time), late: false, tenant: 'acme', application: 'support' },
      ...{ user_id: 'ann', consumer: 'acme-support', team: null, server: 'orders', tool: 'create_invoice' },
      ...{ kind: 'tool', method: 'tools/call', decision: 'deny', outcome: 'refused', reason: 'tool_denied' },
      ...{ rule: 'acme-support', policy: 'tool-access', policy_revision: 'r7', plan: 'gold', status: 403 },
      ...{ upstream_status: null, latency_ms: 2, upstream_ms: null, request_bytes: 800n, response_bytes: 2_000n },
      ...{ trace_id: 'a'.repeat(32), node_id: 'gw-1', node_epoch: EPOCH, node_sequence: 7n },
      record: JSON.parse(JSON.stringify(event.data)),
    });
    expect(String(row?.['arguments_sha256'])).toBe(String(Buffer.from(event.data.argumentsSha256 ?? '', 'hex')));
  });

  it('counts calls without a tenant as unattributed, and requests without a tool not as usage', async () => {
    const unattributed = newEvent({ sequence: 1, record: { tenant: undefined, application: undefined } });
    const list = newEvent({ sequence: 2, record: { tool: undefined, kind: 'list', method: 'tools/list' } });
    await send([unattributed, list]);
    expect(await countRows(test.database)).toMatchObject({ raw: 2n, tools: 1n, rollup: 1n, chained: 2n });
    expect(await usage()).toMatchObject([{ tenant: '', application: '', n: 1n }]);
  });

  it('keeps a known id with other content aside and never overwrites', async () => {
    const event = newEvent({ sequence: 1 });
    await send([event]);
    const changed = { ...event, data: { ...event.data, tenant: 'globex' } };
    expect(await send([changed])).toEqual({
      accepted: 0,
      duplicate: 0,
      quarantined: [{ id: event.id, reason: 'conflict' }],
    });
    expect(await usage()).toMatchObject([{ tenant: 'acme', n: 1n }]);
    // The same again is the same entry.
    await send([changed]);
    expect(await listQuarantine(test.database)).toMatchObject([{ id: event.id, reason: 'conflict', nodeId: 'gw-1' }]);
  });

  it('takes the same content with its fields in another order for the duplicate that it is', async () => {
    const event = newEvent({ sequence: 1 });
    await send([event]);
    const reordered = { ...event, data: Object.fromEntries(Object.entries(event.data).reverse()) };
    expect(await send([reordered])).toEqual({ accepted: 0, duplicate: 1, quarantined: [] });
  });

  it('counts an id that is twice in one batch once, and sees when the second differs', async () => {
    const event = newEvent({ sequence: 1 });
    const changed = { ...event, data: { ...event.data, tool: 'delete_invoice' } };
    expect(await send([event, event, changed])).toEqual({
      accepted: 1,
      duplicate: 1,
      quarantined: [{ id: event.id, reason: 'conflict' }],
    });
    expect(await usage()).toMatchObject([{ tool: 'create_invoice', n: 1n }]);
  });

  it('keeps aside what can never be accepted, names the field, and takes the rest of the batch', async () => {
    const { outcome: _outcome, ...withoutOutcome } = newEvent({ sequence: 2 }).data;
    const wrong = [
      newEvent({ sequence: 1, record: { outcome: 'perhaps' } }),
      { ...newEvent({ sequence: 2 }), data: withoutOutcome },
      newEvent({ sequence: 3, nodeId: 'gw-2' }),
      newEvent({ sequence: 4, occurredAt: ago(-6 * MINUTE) }),
      newEvent({ sequence: 5, occurredAt: ago(401 * DAY) }),
      newEvent({ sequence: 6, record: { tenant: 'a\u0000b' } }),
      'no event',
    ];
    const answer = await ingest({
      nodeId: 'gw-1',
      events: [...incoming([...wrong, newEvent({ sequence: 7 })]), { raw: '{"id":' }],
    });
    expect(answer.accepted).toBe(1);
    const kept = await listQuarantine(test.database);
    expect(kept.map(({ reason, detail }) => `${reason} ${detail.split(':')[0] ?? ''}`)).toEqual(
      expect.arrayContaining([
        ...['invalid data.outcome', 'wrong_source source', 'future occurredAt', 'too_old occurredAt'],
        ...['invalid data.tenant', 'invalid is not a CloudEvents object', 'unreadable The line is not JSON.'],
      ]),
    );
    expect(answer.quarantined).toHaveLength(8);
    expect(kept).toHaveLength(8);
    expect(await countRows(test.database)).toMatchObject({ raw: 1n, rollup: 1n, chained: 1n });
  });

  it('accepts an event 4 minutes ahead of our clock and one 399 days old', async () => {
    const ahead = newEvent({ sequence: 1, occurredAt: ago(-4 * MINUTE) });
    const old = newEvent({ sequence: 2, occurredAt: ago(399 * DAY) });
    expect(await send([ahead, old])).toMatchObject({ accepted: 2, quarantined: [] });
  });

  it('flags an event of 35 days ago as late, and makes the partition of its month', async () => {
    const times = [ago(35 * DAY), ago(33 * DAY)];
    await send(times.map((occurredAt, index) => newEvent({ sequence: index + 1, occurredAt })));
    expect(await queryRows(test.database, 'select late from invocation order by occurred_at')).toEqual([
      { late: true },
      { late: false },
    ]);
    const months = (await listPartitions(test.database)).map(({ month }) => month);
    expect(months).toEqual([...new Set(times.map((time) => time.slice(0, 7)))].sort());
  });

  it('puts the last millisecond of a month and the first of the next into their own months and days', async () => {
    const first = `${new Date().toISOString().slice(0, 7)}-01T00:00:00.000Z`;
    const last = new Date(Date.parse(first) - 1).toISOString();
    await send([newEvent({ sequence: 1, occurredAt: last }), newEvent({ sequence: 2, occurredAt: first })]);
    expect(await usage()).toMatchObject([
      { day: last.slice(0, 10), n: 1n },
      { day: first.slice(0, 10), n: 1n },
    ]);
    expect((await listPartitions(test.database)).map(({ month }) => month)).toEqual([
      last.slice(0, 7),
      first.slice(0, 7),
    ]);
  });

  it('survives a partition that another process dropped, and refuses what belonged to it', async () => {
    const occurredAt = ago(70 * DAY);
    await send([newEvent({ sequence: 1, occurredAt })]);
    const month = occurredAt.slice(0, 7);
    await test.database.raw(`drop table invocation_${month.replace('-', '_')}`);
    expect(await send([newEvent({ sequence: 2, occurredAt })])).toMatchObject({ accepted: 1 });
    await test.database('retention').update({ kept_from: new Date(Date.parse(occurredAt) + 1) });
    expect(await send([newEvent({ sequence: 3, occurredAt })])).toMatchObject({
      accepted: 0,
      quarantined: [{ reason: 'retired' }],
    });
  });

  it('opens a gap for sequences that are missing and closes it when they come late', async () => {
    await createNodeCredential(test.database, 'gw-1');
    const events = newEvents(9);
    await send([events[0], events[1], events[6], events[8]]);
    const gaps = async () =>
      (await listGaps(test.database))
        .map(({ from, to }) => [Number(from), Number(to)])
        .sort(([a = 0], [b = 0]) => a - b);
    expect(await gaps()).toEqual([
      [3, 6],
      [8, 8],
    ]);
    expect(await listNodes(test.database)).toMatchObject([{ nodeId: 'gw-1', openGaps: 2n, missing: 5n }]);
    await send([events[4]]);
    expect(await gaps()).toEqual([
      [3, 4],
      [6, 6],
      [8, 8],
    ]);
    await send(events);
    expect(await gaps()).toEqual([]);
    expect(await queryRows(test.database, 'select contiguous_sequence, max_sequence from node_epoch')).toEqual([
      { contiguous_sequence: 9n, max_sequence: 9n },
    ]);
    expect((await listGaps(test.database, { withClosed: true })).length).toBeGreaterThan(2);
  });

  it('does not call an event lost that it keeps in quarantine', async () => {
    await send([
      newEvent({ sequence: 1 }),
      newEvent({ sequence: 2, record: { outcome: 'new' } }),
      newEvent({ sequence: 3 }),
    ]);
    expect(await listGaps(test.database)).toEqual([]);
  });

  it('knows how far a node is ahead from what its clock says, or from an event of the future', async () => {
    await createNodeCredential(test.database, 'gw-1');
    await send([newEvent({ sequence: 1, occurredAt: ago(10 * MINUTE) })]);
    expect(await listNodes(test.database)).toMatchObject([{ skewMs: null }]);
    await send([newEvent({ sequence: 2, occurredAt: ago(-2 * MINUTE) })]);
    const [ahead] = await listNodes(test.database);
    expect(Number(ahead?.skewMs)).toBeGreaterThan(MINUTE);
    await ingest({
      nodeId: 'gw-1',
      events: incoming([newEvent({ sequence: 3 })]),
      clock: { node: 7_000, ours: 10_000 },
    });
    expect(await listNodes(test.database)).toMatchObject([{ skewMs: -3_000n }]);
  });

  /** An event whose arguments are a list in a list in a list. */
  const nested = (sequence: number, depth: number) => {
    const [event] = incoming([newEvent({ sequence, record: { arguments: 'deep' } })]);
    const raw = event?.raw.replace('"deep"', `${'['.repeat(depth)}${']'.repeat(depth)}`) ?? '';
    return { raw, value: JSON.parse(raw) as unknown };
  };

  it('puts aside the one event that PostgreSQL will not store and takes the others', async () => {
    const name = new URL(test.url).pathname.slice(1);
    await test.database.raw(`alter role current_user in database ${name} set max_stack_depth = '100kB'`);
    const other = openDatabase(test.url);
    const events = [...incoming(newEvents(4)), nested(5, 2_000), ...incoming(newEvents(4, { first: 6 }))];
    const answer = await createIngest(other)({ nodeId: 'gw-1', events });
    await other.destroy();
    expect(answer).toMatchObject({ accepted: 8, quarantined: [{ reason: 'unstorable' }] });
    expect(await countRows(test.database)).toMatchObject({ raw: 8n, rollup: 8n, chained: 8n, quarantined: 1n });
    expect(await listQuarantine(test.database)).toMatchObject([{ detail: expect.stringContaining('stack depth') }]);
  });

  it('puts aside an event that is nested more deeply than can be written again', async () => {
    expect(
      await ingest({ nodeId: 'gw-1', events: [nested(1, 8_000), ...incoming([newEvent({ sequence: 2 })])] }),
    ).toMatchObject({ accepted: 1, quarantined: [{ reason: 'invalid' }] });
  });

  it('with 8 writers racing with the same batches counts each event once in raw, rollup and chain', async () => {
    const batches = Array.from({ length: 12 }, (_, batch) =>
      newEvents(100, { first: batch * 100 + 1 }).map((event, index) => ({
        ...event,
        data: { ...event.data, tool: `tool-${index % 7}`, tenant: `tenant-${index % 5}` },
      })),
    );
    const writers = Array.from({ length: 8 }, () => openDatabase(test.url, { poolSize: 2 }));
    const receipts = await Promise.all(
      writers.map(async (database, writer) => {
        const write = createIngest(database);
        let accepted = 0;
        // Each writer begins elsewhere, so that they meet in every order.
        for (let step = 0; step < batches.length; step += 1) {
          const batch = batches[(step + writer * 5) % batches.length] ?? [];
          accepted += (await write({ nodeId: 'gw-1', events: incoming(writer % 2 === 0 ? batch : batch.toReversed()) }))
            .accepted;
        }
        return accepted;
      }),
    );
    await Promise.all(writers.map((database) => database.destroy()));
    expect(receipts.reduce((sum, accepted) => sum + accepted, 0)).toBe(1_200);
    expect(await countRows(test.database)).toEqual({
      ...{ raw: 1_200n, tools: 1_200n, rollup: 1_200n, chained: 1_200n, quarantined: 0n },
    });
    expect(await listGaps(test.database)).toEqual([]);
  });

  it('leaves nothing of a batch whose connection is lost before the commit, and takes it again', async () => {
    const events = newEvents(50);
    await send(newEvents(1, { epoch: 'other' }));
    // Whoever adds usage waits for this lock, with the rows already inserted.
    const lock = await test.database.transaction();
    await lock.raw('lock table usage_day in exclusive mode');
    const sent = send(events).then(
      () => 'stored',
      () => 'lost',
    );
    try {
      await vi.waitFor(async () => {
        const [waiting] = await queryRows<{ pid: number }>(
          test.database,
          `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        expect(waiting).toBeDefined();
        await test.database.raw('select pg_terminate_backend(?)', [waiting?.pid ?? 0]);
      }, 10_000);
      expect(await sent).toBe('lost');
    } finally {
      await lock.rollback();
    }
    expect(await countRows(test.database)).toMatchObject({ raw: 1n, rollup: 1n, chained: 1n });
    expect(await send(events)).toEqual({ accepted: 50, duplicate: 0, quarantined: [] });
    expect(await countRows(test.database)).toMatchObject({ raw: 51n, rollup: 51n, chained: 51n });
  });

  it('refuses to change or delete an invocation', async () => {
    await send(newEvents(2));
    await expect(test.database('invocation').update({ tenant: 'globex' })).rejects.toThrow('append-only');
    await expect(test.database('invocation').delete()).rejects.toThrow('append-only');
    expect(await countRows(test.database)).toMatchObject({ raw: 2n });
  });
});
