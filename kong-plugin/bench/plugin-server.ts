import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PROTOCOL_VERSION } from '../src/host/guard-protocol.ts';
import { factsOf, toldFacts } from '../src/host/testing/fake-kong.ts';
import type { KongClient } from '../src/plugin-server/testing/kong-client.ts';
import { freePort } from './free-port.ts';
import { everythingOn, MANAGEMENT_TOKEN, message } from './everything-on.ts';
import { median, percentiles, table } from './measure.ts';
import { PluginServerProcess, type PluginChoice } from './plugin-server-process.ts';

const CALLS = 6_000;
const CONCURRENCY = 16;
const PASSES = 3;
/** Requests that end within the millisecond that mcp-guard collects outcomes for, at some 10,000 a second. */
const BATCH = 10;
/** `GuardAnswer` of a request that may pass. */
const ADMIT = 1;
const PLUGIN_ID = '00000000-0000-4000-8000-000000000001';

const factsFor = (request: number): readonly [body: Uint8Array, text: Uint8Array] => {
  const { body, text } = toldFacts(
    factsOf(message, {
      request_id: `request-${request}`,
      started_at: Date.now(),
      consumer: { id: 'consumer-1', username: `app-${request % 500}`, tags: ['tenant:acme'] },
    }),
  );
  return [body, text];
};

interface Side {
  readonly choice: PluginChoice;
  readonly client: KongClient;
  /** Outcomes that mcp-guard has not delivered yet. */
  readonly ended: Uint8Array[][];
  readonly instance: number;
  readonly server: PluginServerProcess;
}

/** What mcp-guard asks for one request, or Kong of a plugin that does nothing: what is left is the plugin server and the socket. */
const oneRequest = async ({ choice, client, instance, ended }: Side, request: number): Promise<void> => {
  if (choice === 'nothing') {
    await client.handleEvent({ instanceId: instance, phase: 'access' });
    return;
  }
  const answer = await client.call('Judge', instance, ...factsFor(request));
  const [kind, length, texts] = answer as readonly [number, number, Uint8Array];
  if (kind !== ADMIT) throw new Error(`the request was not let through: ${JSON.stringify(answer)}`);
  const id = `request-${request}`;
  ended.push([Buffer.from(PLUGIN_ID), Buffer.from(endOf(id)), Buffer.from(texts.subarray(length))]);
  if (ended.length >= BATCH) await client.call('Conclude', ended.splice(0));
};

/** As `record.text` of mcp-guard tells it. */
const endOf = (request: string): string =>
  [request, PROTOCOL_VERSION, Date.now(), '127.0.0.1', 'POST', '/mcp/orders', 200, '', 280, 100]
    .concat(['', '', 3, '', '', '', 'ok', '', '', '', request])
    .join('\n');

const start = async (choice: PluginChoice, prefix: string, config: object): Promise<Side> => {
  const server = new PluginServerProcess(choice, prefix);
  const client = await server.connect();
  const name = choice === 'nothing' ? 'bench-noop' : 'mcp-governance';
  const instance = await client.startInstance({ name, config: { ...config, __plugin_id: PLUGIN_ID } });
  return { choice, client, ended: [], instance, server };
};

interface Load {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  /** CPU of the plugin server for one request, in microseconds. */
  readonly cpu: number;
}

const load = async (side: Side, concurrency: number): Promise<Load> => {
  const calls = concurrency === 1 ? CALLS / 2 : CALLS;
  const samples = new Float64Array(calls);
  let next = 0;
  const usedBefore = await side.server.cpuMicroseconds();
  const began = process.hrtime.bigint();
  const worker = async (): Promise<void> => {
    for (let index = next++; index < calls; index = next++) {
      const from = process.hrtime.bigint();
      await oneRequest(side, index);
      samples[index] = Number(process.hrtime.bigint() - from) / 1000;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const cpu = ((await side.server.cpuMicroseconds()) - usedBefore) / calls;
  return { ...percentiles(samples), perSecond: calls / seconds, cpu };
};

/** Full governance against a plugin that does nothing, over the plugin server's socket, in one run. */
export const benchPluginServer = async (print: (line: string) => void): Promise<void> => {
  const prefix = mkdtempSync(path.join(tmpdir(), 'governance-bench-'));
  const sides: Side[] = [];
  try {
    sides.push(await start('nothing', prefix, {}));
    const port = await freePort();
    sides.push(await start('everything', prefix, everythingOn(port)));
    await compare(sides, { concurrency: 1, print });
    const cpu = await compare(sides, { concurrency: CONCURRENCY, print });
    print(await shares(port, cpu));
  } finally {
    for (const { client, server } of sides) {
      client.close();
      server.stop();
    }
    rmSync(prefix, { recursive: true, force: true });
  }
};

/** Prints both sides; gives the CPU that everything costs, in microseconds a request. */
const compare = async (
  sides: readonly Side[],
  { concurrency, print }: { readonly concurrency: number; readonly print: (line: string) => void },
): Promise<number> => {
  const loads = sides.map(() => [] as Load[]);
  for (let pass = 0; pass <= PASSES; pass += 1)
    for (const [index, side] of sides.entries()) {
      const measured = await load(side, concurrency);
      // The first pass warms both up.
      if (pass > 0) loads[index]?.push(measured);
    }
  const of = (index: number, what: keyof Load): number =>
    median((loads[index] ?? []).map((measured) => measured[what]));
  const row = (index: number, name: string) => [
    name,
    (of(index, 'p50') / 1000).toFixed(2),
    (of(index, 'p99') / 1000).toFixed(2),
    of(index, 'perSecond').toFixed(0),
    of(index, 'cpu').toFixed(0),
  ];
  const ratio = (what: keyof Load): string => `${(of(1, what) / of(0, what)).toFixed(2)}x`;
  print(
    `\nPlugin server over its socket, access phase and outcomes, ${concurrency} at a time, median of ${PASSES} passes`,
  );
  print(
    table([
      ['', 'p50 ms', 'p99 ms', 'requests/s', 'server CPU us'],
      row(0, 'a plugin that does nothing'),
      row(1, 'everything on'),
      ['everything / nothing', ratio('p50'), ratio('p99'), ratio('perSecond'), ratio('cpu')],
    ]),
  );
  return of(1, 'cpu');
};

/** Steps in which the plugin server waits for Kong; the others are its own work. */
const waits: ReadonlySet<string> = new Set(['facts', 'outcome']);

/** The outcomes of one message are recorded in turns: each waits for half of them, on average, in the middle of its own. */
const togetherIn = (stage: string): number => (stage === 'record' ? BATCH / 2 : 1);

/** What the plugin server itself measured of each step, and its share of all the CPU that a request costs it. */
const shares = async (port: number, cpuPerRequest: number): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, {
    headers: { authorization: `Bearer ${MANAGEMENT_TOKEN}` },
  });
  const text = await answer.text();
  const read = (what: 'sum' | 'count'): ReadonlyMap<string, number> =>
    new Map(
      [
        ...text.matchAll(
          new RegExp(`^mcp_governance_stage_duration_seconds_${what}\\{stage="([a-z]+)"\\} (\\S+)$`, 'gm'),
        ),
      ].map(([, stage = '', value]) => [stage, Number(value)]),
    );
  const [sums, counts] = [read('sum'), read('count')];
  const steps = [...sums]
    .filter(([stage]) => !waits.has(stage))
    .map(([stage, sum]) => ({ stage, us: ((sum / (counts.get(stage) ?? 1)) * 1e6) / togetherIn(stage) }));
  const rest = cpuPerRequest - steps.reduce((total, { us }) => total + us, 0);
  const rows = [
    ...steps,
    { stage: 'messages with Kong (one, and a share of one), event loop, garbage collection', us: rest },
  ].map(({ stage, us }) => [stage, us.toFixed(0), `${((100 * us) / cpuPerRequest).toFixed(0)} %`]);
  return `\nEach step of everything, at ${CONCURRENCY} at a time\n${table([['step', 'mean us', 'share of the server CPU'], ...rows])}`;
};
