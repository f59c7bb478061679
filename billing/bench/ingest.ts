import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { serve } from '@hono/node-server';
import { ingestRoutes } from '../src/http/routes/ingest.ts';
import { createIngest, type IngestReceipt } from '../src/ledger/ingest.ts';
import { createNodeCredential, findNodeByToken } from '../src/ledger/node-credentials.ts';
import { rollPartitions } from '../src/ledger/partitions.ts';
import { openBenchDatabase, type BenchDatabase } from './bench-database.ts';
import { createGenerator, type Spread } from './invocations.ts';

const compress = promisify(gzip);
const BATCH = 1_000;
const NODES = 2;

interface Shipment {
  readonly token: string;
  readonly bodies: readonly Uint8Array[];
}

/** Gateway nodes ship gzipped batches of 1,000 over HTTP into a ledger that sums, tracks gaps and chains in one transaction. */
export const benchIngest = async (print: (line: string) => void): Promise<void> => {
  const events = Number(process.env['BENCH_EVENTS'] ?? 100_000);
  const bench = await openBenchDatabase();
  const { database } = bench;
  await rollPartitions(database, new Date());
  const app = ingestRoutes({
    ingest: createIngest(database),
    findNode: (token) => findNodeByToken(database, token),
    now: Date.now,
  });
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/invocations`;
  print(`ingest: ${events.toLocaleString('en')} events of ${NODES} nodes, ${BATCH} a batch, gzip, over HTTP, fsync on`);
  try {
    for (const spread of ['skewed', 'even'] as const) {
      const shipments = await prepare(bench, spread, events);
      await report(`${spread}: new events`, { bench, url, shipments, print });
      if (spread === 'skewed') await report('all of it again (duplicates)', { bench, url, shipments, print });
    }
  } finally {
    server.close();
    await bench.close();
  }
};

const prepare = async ({ database }: BenchDatabase, spread: Spread, events: number): Promise<readonly Shipment[]> =>
  Promise.all(
    Array.from({ length: NODES }, async (_, index) => {
      const nodeId = `${spread}-${index}`;
      const credential = await createNodeCredential(database, nodeId);
      if (!credential.ok) throw new Error(credential.error.problem);
      const generator = createGenerator(nodeId, spread, index + 1);
      const start = Date.now() - 3_600_000;
      const bodies: Uint8Array[] = [];
      for (let batch = 0; batch < events / NODES / BATCH; batch += 1) {
        const lines = Array.from({ length: BATCH }, (_unused, line) =>
          JSON.stringify(generator.next(start + Math.floor((batch * BATCH + line) / 10))),
        );
        bodies.push(await compress(lines.join('\n'), { level: constants.Z_BEST_SPEED }));
      }
      return { token: credential.value.token, bodies };
    }),
  );

interface Run {
  readonly bench: BenchDatabase;
  readonly url: string;
  readonly shipments: readonly Shipment[];
  readonly print: (line: string) => void;
}

const report = async (title: string, { bench, url, shipments, print }: Run): Promise<void> => {
  const postgresBefore = await bench.processorMs();
  const nodeBefore = process.cpuUsage();
  const start = performance.now();
  const counts = await Promise.all(shipments.map((shipment) => ship(url, shipment)));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(nodeBefore);
  const postgresAfter = await bench.processorMs();
  const events = counts.reduce((sum, count) => sum + count, 0);
  const node = (user + system) / events;
  const postgres =
    postgresBefore === undefined || postgresAfter === undefined
      ? undefined
      : ((postgresAfter - postgresBefore) * 1000) / events;
  const whole =
    postgres === undefined
      ? ''
      : `, two whole cores: ${Math.round(2_000_000 / (node + postgres)).toLocaleString('en')}/s`;
  print(
    `  ${title.padEnd(30)} ${Math.round(events / seconds)
      .toLocaleString('en')
      .padStart(
        8,
      )}/s   processor ${node.toFixed(0)} + ${postgres?.toFixed(0) ?? '?'} µs an event (Node + PostgreSQL)${whole}`,
  );
};

/** One node: a batch after the other, as the shipper does. */
const ship = async (url: string, { token, bodies }: Shipment): Promise<number> => {
  let events = 0;
  for (const body of bodies) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' },
      body: Buffer.from(body),
    });
    const receipt = (await response.json()) as IngestReceipt;
    if (response.status !== 200 || receipt.quarantined.length > 0)
      throw new Error(`the ledger answered ${response.status}: ${JSON.stringify(receipt).slice(0, 300)}`);
    events += receipt.accepted + receipt.duplicate;
  }
  return events;
};
