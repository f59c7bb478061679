import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { testRecord, unsettled } from '../spool/testing/records.ts';
import { NodeMetering, type NodeMeteringOptions } from './node-metering.ts';
import { startTestLedger, type TestLedger } from './testing/test-ledger.ts';

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

const open = (options: Partial<NodeMeteringOptions> = {}): NodeMetering => {
  const metering = new NodeMetering({
    dir,
    url: ledger.url,
    token: 'node-credential-0123456789abcdef',
    maxBytes: 64 * 1024 * 1024,
    settleTimeoutSeconds: 900,
    nodeId: 'gw-1',
    shipperLimits: { idleMs: 20, lingerMs: 1 },
    ...options,
  });
  opened.push(metering);
  return metering;
};

const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('the spool and the shipper of a node', () => {
  it('carry 2,500 records to the ledger in order, each once, with a gapless sequence', async () => {
    const metering = open();
    for (const number of numbers(1, 2_500)) metering.append(testRecord(number));
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
      },
    });
    await vi.waitFor(() => expect(metering.state()).toMatchObject({ waitingRecords: 0, oldestWaitingSeconds: 0 }));
  });

  it('leave nothing behind once everything is shipped and the run has ended', async () => {
    const metering = open();
    metering.append(testRecord(1));
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
    const intended = await metering.intend(unsettled(1));
    expect(intended).toEqual({ position: { nodeId: 'gw-1', epoch: expect.any(String) as string, sequence: 1 } });
    metering.append(testRecord(2));
    metering.append(testRecord(1), intended.position);
    await vi.waitFor(() => expect(ledger.stored.size).toBe(2));
    expect(
      ledger.batches.flatMap((batch) => batch.events).map(({ data, nodesequence }) => [data.outcome, nodesequence]),
    ).toEqual([
      ['ok', 2],
      ['ok', 1],
    ]);
  });
});
