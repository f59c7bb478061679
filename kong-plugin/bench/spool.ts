import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { buildRecord } from '../src/domain/records/build-record.ts';
import { toStored, type StoredRecord } from '../src/domain/records/stored-record.ts';
import { NodeMetering } from '../src/shipper/node-metering.ts';
import { createFileRecordSink } from '../src/stores/file-record-sink.ts';
import { percentiles, table } from './measure.ts';

const RECORDS = 20_000;
/** Calls that are under way at the same time. */
const CONCURRENCY = 32;

const records = (count: number): readonly StoredRecord[] =>
  Array.from({ length: count }, (_, index) =>
    toStored(
      buildRecord(
        {
          ...{ outcome: 'ok', request_id: `bench-${index}`, started_at: Date.now(), client_ip: '127.0.0.1' },
          ...{ method: 'POST', path: '/mcp/orders', status: 200, request_bytes: 900, response_bytes: 400 },
          latency: { kong: 1, upstream: 2, total: 4 },
        },
        {
          ...{ server: 'orders', kind: 'tool', method: 'tools/call', tool: 'search_orders' },
          ...{ decision: 'allow', tenant: 'acme', application: 'support' },
          arguments: { query: 'lamp', note: 'x'.repeat(500) },
        },
      ),
    ),
  );

/** A ledger that has everything at once, so that the shipper is what is measured. */
const startLedger = async (): Promise<{ readonly url: string; readonly received: () => number; close(): void }> => {
  let received = 0;
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const events = gunzipSync(Buffer.concat(chunks)).toString().split('\n').length - 1;
      received += events;
      outgoing.writeHead(200).end(JSON.stringify({ accepted: events, duplicate: 0, quarantined: [] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received: () => received,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

interface Cost {
  readonly name: string;
  /** Microseconds of one call's wait, and of this process's CPU. */
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number;
  readonly perSecond: number;
}

/** Times `store` for every record, so many at a time, and the CPU that all of it took until it is on the disk. */
const timed = async (
  name: string,
  { store, settled }: { store: (record: StoredRecord) => Promise<void> | void; settled: () => Promise<void> },
): Promise<Cost> => {
  const all = records(RECORDS);
  const waits = new Float64Array(RECORDS);
  const [cpu, began] = [process.cpuUsage(), process.hrtime.bigint()];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < RECORDS; index = next++) {
      const record = all[index];
      if (record === undefined) return;
      const start = process.hrtime.bigint();
      await store(record);
      waits[index] = Number(process.hrtime.bigint() - start) / 1000;
      // A call is a turn of the event loop at least.
      if (index % CONCURRENCY === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  await settled();
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const used = process.cpuUsage(cpu);
  return { name, ...percentiles(waits), cpu: (used.user + used.system) / RECORDS, perSecond: RECORDS / seconds };
};

const inFolder = async <Value>(run: (dir: string) => Promise<Value>): Promise<Value> => {
  const dir = mkdtempSync(path.join(tmpdir(), 'bench-spool-'));
  try {
    return await run(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

const metering = (dir: string, url: string): NodeMetering =>
  new NodeMetering({
    dir,
    url,
    token: 'bench-credential-0123',
    maxBytes: 2 ** 31,
    settleTimeoutSeconds: 900,
    nodeId: 'bench',
  });

/** Nobody listens there: nothing is shipped meanwhile. */
const NOWHERE = 'http://127.0.0.1:9';

const timeFile = (): Promise<Cost> =>
  inFolder(async (dir) => {
    const sink = createFileRecordSink({ file: path.join(dir, 'invocations.jsonl') });
    const cost = await timed('record file alone', {
      store: (record) => sink.append(record),
      settled: () => sink.flush(),
    });
    await sink.close();
    return cost;
  });

const timeSpool = (
  name: string,
  store: (node: NodeMetering, record: StoredRecord) => Promise<void> | void,
): Promise<Cost> =>
  inFolder(async (dir) => {
    const node = metering(dir, NOWHERE);
    await node.flush();
    const cost = await timed(name, { store: (record) => store(node, record), settled: () => node.flush() });
    await node.close();
    return cost;
  });

const timeShipping = (): Promise<number> =>
  inFolder(async (dir) => {
    const first = metering(dir, NOWHERE);
    for (const [index, record] of records(RECORDS).entries()) {
      first.append(record);
      if (index % 1_000 === 999) await first.flush();
    }
    await first.close();
    const ledger = await startLedger();
    const began = process.hrtime.bigint();
    const node = metering(dir, ledger.url);
    while (ledger.received() < RECORDS) await new Promise((resolve) => setTimeout(resolve, 5));
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    await node.close();
    ledger.close();
    return RECORDS / seconds;
  });

export const benchSpool = async (print: (line: string) => void): Promise<void> => {
  const costs = [
    await timeFile(),
    await timeSpool('spool, settle', (node, record) => node.append(record)),
    await timeSpool('spool, intent and settle', async (node, record) => {
      const { position } = await node.intend(record);
      node.append(record, position);
    }),
  ];
  print(`\nRecords on their way to the ledger, ${RECORDS} of ${CONCURRENCY} calls at a time (microseconds)`);
  print(
    table([
      ['', 'wait p50', 'p99', 'CPU a record', 'records/s'],
      ...costs.map(({ name, p50, p99, cpu, perSecond }) => [
        name,
        p50.toFixed(1),
        p99.toFixed(1),
        cpu.toFixed(1),
        perSecond.toFixed(0),
      ]),
    ]),
  );
  print(
    `Shipping ${RECORDS} that waited: ${(await timeShipping()).toFixed(0)} records/s, the receiver in the same process`,
  );
};
