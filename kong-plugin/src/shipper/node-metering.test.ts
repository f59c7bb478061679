import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toStored } from '../domain/records/stored-record.ts';
import { noon, storedTest, testRecord, unsettled } from '../spool/testing/records.ts';
import { NodeMetering, type NodeMeteringOptions } from './node-metering.ts';
import type { ShipperEvent } from './shipper.ts';
import { startTestLedger, type LedgerFault, type TestLedger } from './testing/test-ledger.ts';

let dir = '';
let ledger: TestLedger;
const opened: NodeMetering[] = [];

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'metering-'));
  ledger = await startTestLedger();
});

afterEach(async () => {
  await Promise.allSettled(opened.splice(0).map((metering) => metering.close()));
  await ledger.close();
  await rm(dir, { recursive: true, force: true });
});

const baseOptions = (): NodeMeteringOptions => ({
  dir,
  url: ledger.url,
  token: 'node-credential-0123456789abcdef',
  maxBytes: 64 * 1024 * 1024,
  settleTimeoutSeconds: 900,
  shipperLimits: { idleMs: 20, lingerMs: 1 },
});

const open = (options: Partial<NodeMeteringOptions> = {}): NodeMetering => {
  const metering = new NodeMetering({ ...baseOptions(), nodeId: 'gw-1', ...options });
  opened.push(metering);
  return metering;
};

const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('the spool and the shipper of a node', () => {
  it('carry 2,500 records to the ledger in order, each once, with a gapless sequence', async () => {
    const metering = open({ now: () => noon });
    for (const number of numbers(1, 2_500)) metering.append(storedTest(number));
    await vi.waitFor(() => expect(ledger.stored.size).toBe(2_500), { timeout: 10_000 });

    const events = ledger.batches.flatMap((batch) => batch.events);
    expect(events.map(({ nodesequence }) => nodesequence)).toEqual(numbers(1, 2_500));
    expect(events.map(({ data }) => data)).toEqual(numbers(1, 2_500).map((number) => testRecord(number)));
    expect(new Set(events.map(({ source, nodeepoch }) => `${source} ${nodeepoch}`)).size).toBe(1);
    expect(ledger.batches.every((batch) => batch.events.length <= 1_000)).toBe(true);
    expect(ledger.batches[0]).toMatchObject({
      path: '/v1/invocations',
      headers: {
        authorization: 'Bearer node-credential-0123456789abcdef',
        'content-type': 'application/x-ndjson',
        'content-encoding': 'gzip',
        date: 'Wed, 25 Nov 2026 12:00:00 GMT',
      },
    });
    await vi.waitFor(() => expect(metering.state()).toMatchObject({ waitingRecords: 0, oldestWaitingSeconds: 0 }));
  });

  it('leave nothing behind once everything is shipped and the run has ended', async () => {
    const metering = open();
    metering.append(storedTest(1));
    await metering.close();
    expect(ledger.stored.size).toBe(1);
    const next = open({ nodeId: 'gw-1' });
    await vi.waitFor(async () =>
      expect((await readdir(dir)).filter((file) => file.endsWith('.wal'))).toEqual([expect.stringContaining('gw-1')]),
    );
    await next.close();
  });

  it('settle an intent with the record at its position', async () => {
    const metering = open();
    const intended = await metering.intend(toStored(unsettled(1)));
    expect(intended).toEqual({ position: { nodeId: 'gw-1', epoch: expect.any(String) as string, sequence: 1 } });
    metering.append(storedTest(2));
    metering.append(storedTest(1), intended.position);
    await vi.waitFor(() => expect(ledger.stored.size).toBe(2));
    expect(
      ledger.batches.flatMap((batch) => batch.events).map(({ data, nodesequence }) => [data.outcome, nodesequence]),
    ).toEqual([
      ['ok', 2],
      ['ok', 1],
    ]);
  });
});

describe('a ledger that', () => {
  const answer =
    (status: number, headers: Readonly<Record<string, string>> = {}): LedgerFault =>
    (_, outgoing) => {
      outgoing.writeHead(status, headers).end('{"detail":"from the test"}');
      return 'answered';
    };

  const shipped = (count: number): Promise<void> =>
    vi.waitFor(() => expect(ledger.stored.size).toBe(count), { timeout: 10_000 });

  it('is not there gets everything when it comes, and what waits is shown meanwhile', async () => {
    const { url } = ledger;
    await ledger.close();
    const metering = open({ url, random: () => 0.01 });
    for (const number of numbers(1, 50)) metering.append(storedTest(number));
    await vi.waitFor(() =>
      expect(metering.health()).toMatchObject({ ok: true, why: expect.stringContaining('ECONNREFUSED') as string }),
    );
    expect(metering.state()).toMatchObject({ waitingRecords: 50 });
    expect(metering.state().oldestWaitingSeconds).toBeGreaterThan(0);
    ledger = await startTestLedger(Number(new URL(url).port));
    await shipped(50);
    await vi.waitFor(() => expect(metering.health()).toEqual({ ok: true }));
    expect(metering.state()).toMatchObject({ waitingRecords: 0, oldestWaitingSeconds: 0 });
  });

  it.each([
    ['answers 429', answer(429)],
    ['answers 503', answer(503)],
    ['answers 200 with the page of a proxy', answer(200)],
    [
      'breaks the connection',
      ((_, outgoing) => {
        outgoing.destroy();
        return 'answered';
      }) satisfies LedgerFault,
    ],
    ['stores and breaks the connection before it answers', () => 'store-silently'],
    ['never answers', () => 'answered'],
  ] as const satisfies readonly (readonly [string, LedgerFault])[])(
    '%s is asked again, and has each record once',
    async (_, fault) => {
      ledger.break(fault);
      const metering = open({ random: () => 0.01, shipperLimits: { idleMs: 20, lingerMs: 1, timeoutMs: 100 } });
      for (const number of numbers(1, 20)) metering.append(storedTest(number));
      await vi.waitFor(() => expect(ledger.batches.length).toBeGreaterThan(2), { timeout: 10_000 });
      ledger.break(undefined);
      await shipped(20);
      await vi.waitFor(() => expect(metering.state().waitingRecords).toBe(0));
      expect([...ledger.stored.values()].map(({ data }) => data)).toEqual(
        numbers(1, 20).map((number) => testRecord(number)),
      );
    },
  );

  it('asks for patience gets it: no second attempt before Retry-After', async () => {
    ledger.break(answer(503, { 'retry-after': '3600' }));
    const metering = open({ random: () => 0 });
    metering.append(storedTest(1));
    await vi.waitFor(() => expect(metering.health()).toHaveProperty('why'));
    ledger.break(undefined);
    metering.append(storedTest(2));
    await metering.flush();
    expect(ledger.batches).toHaveLength(1);
  });

  it.each([401, 403, 404])(
    'answers %i raises the alarm and waits for an operator; a new token is tried at once',
    async (status) => {
      ledger.break((batch, outgoing) =>
        batch.headers.authorization === 'Bearer the-new-token' ? 'store' : answer(status)(batch, outgoing),
      );
      const events: ShipperEvent[] = [];
      const metering = open({ onShipping: (event) => void events.push(event) });
      metering.append(storedTest(1));
      await vi.waitFor(() => expect(events).toMatchObject([{ kind: 'failed', cause: 'refused' }]));
      expect(JSON.stringify([events, metering.health()])).not.toContain('node-credential');
      metering.append(storedTest(2));
      await metering.flush();
      expect(ledger.batches).toHaveLength(1);
      metering.retarget({ url: ledger.url, token: 'the-new-token', maxBytes: 64 * 1024 * 1024 });
      await shipped(2);
    },
  );

  it('answers 400 to one record gets all others; that one is on the disk, counted, and a gap', async () => {
    ledger.break((batch, outgoing) =>
      batch.events.some(({ nodesequence }) => nodesequence === 7) ? answer(400)(batch, outgoing) : 'store',
    );
    const events: ShipperEvent[] = [];
    const metering = open({ onShipping: (event) => void events.push(event) });
    for (const number of numbers(1, 20)) metering.append(storedTest(number));
    await shipped(19);
    await vi.waitFor(() => expect(metering.state().waitingRecords).toBe(0));
    expect(events.filter(({ kind }) => kind === 'set_aside')).toMatchObject([{ sequence: 7, id: testRecord(7).id }]);
    const [kept = ''] = (await readFile(path.join(dir, 'quarantine.jsonl'), 'utf8')).split('\n');
    const { why, event } = JSON.parse(kept) as Record<string, string>;
    expect(why).toBe('refused');
    const data: unknown = JSON.parse(storedTest(7).json);
    expect(JSON.parse(event ?? '')).toMatchObject({ nodesequence: 7, data });
  });

  it('answers 413 gets smaller batches', async () => {
    ledger.break((batch, outgoing) => (batch.events.length > 30 ? answer(413)(batch, outgoing) : 'store'));
    const metering = open();
    for (const number of numbers(1, 200)) metering.append(storedTest(number));
    await shipped(200);
  });

  it('redirects is not followed: the token belongs to the configured address', async () => {
    const other = await startTestLedger();
    ledger.break(answer(307, { location: `${other.url}/v1/invocations` }));
    const metering = open();
    metering.append(storedTest(1));
    await vi.waitFor(() =>
      expect(metering.health()).toMatchObject({ why: expect.stringContaining('redirects') as string }),
    );
    expect(other.batches).toEqual([]);
    await other.close();
  });
});

describe('several runs in one folder', () => {
  it('the oldest ships; the next takes over when it ends, with what both have written', async () => {
    const first = open({ now: () => noon });
    first.append(storedTest(1));
    await vi.waitFor(() => expect(ledger.stored.size).toBe(1));
    const second = open({ now: () => noon + 1 });
    second.append(storedTest(2));
    await vi.waitFor(() => expect(ledger.stored.size).toBe(2));
    await second.flush();
    expect(second.state().waitingRecords).toBe(1);
    await first.close();
    second.append(storedTest(3));
    await vi.waitFor(() => expect(second.state().waitingRecords).toBe(0));
    expect([...ledger.stored.values()].map(({ data }) => data.kongRequestId)).toEqual([
      'request-1',
      'request-2',
      'request-3',
    ]);
  });

  it('an intent of the first is settled by a record of the second', async () => {
    const first = open({ now: () => noon });
    const { position } = await first.intend(toStored(unsettled(1)));
    const second = open({ now: () => noon + 1 });
    second.append(storedTest(1), position);
    await vi.waitFor(() => expect(ledger.stored.size).toBe(1));
    expect([...ledger.stored.values()][0]).toMatchObject({
      nodeepoch: position.epoch,
      nodesequence: 1,
      data: { outcome: 'ok' },
    });
    await vi.waitFor(() => expect(first.state().openIntents).toBe(0));
  });
});

describe('the name of a node', () => {
  it('is made once and kept', async () => {
    const metering = new NodeMetering(baseOptions());
    opened.push(metering);
    const first = await metering.intend(toStored(unsettled(1)));
    await metering.close();
    const next = new NodeMetering(baseOptions());
    opened.push(next);
    const second = await next.intend(toStored(unsettled(2)));
    expect(second.position.nodeId).toBe(first.position.nodeId);
    expect(first.position.nodeId).toMatch(/^[a-z0-9.-]+-[0-9a-f]{8}$/);
    expect(second.position.epoch > first.position.epoch).toBe(true);
  });

  it('that cannot be read is a clear error', async () => {
    await writeFile(path.join(dir, 'node-id'), '../../etc\n');
    expect(() => new NodeMetering(baseOptions())).toThrow(
      /node-id holds no node id; delete it, or set metering.node_id/,
    );
  });
});
