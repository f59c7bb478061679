import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GuardFacts, GuardOutcome } from '../src/host/guard-protocol.ts';
import { factsOf } from '../src/host/testing/fake-kong.ts';
import { KongClient, type PdkTable } from '../src/plugin-server/testing/kong-client.ts';
import { percentiles, table } from './measure.ts';

const packageFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const CALLS = 4_000;
const CONCURRENCY = 16;
const PASSES = 3;

const TOKEN = 'test-token-for-the-benchmark-0123456789';

/** Everything on: 1,000 rules, argument conditions, three limits, pins, records with redaction. */
const configWith = (managementPort: number): object => ({
  management: { port: managementPort, token: TOKEN },
  server: { name: 'orders', kind: 'mcp' },
  rules: Array.from({ length: 1_000 }, (_, index) => ({
    id: `r${index}`,
    callers: { consumers: [`app-${index % 500}`] },
    tools: [`tool_${index}`, 'search_orders'],
  })),
  policy: {
    inline: JSON.stringify({
      version: 1,
      tenants: [{ id: 'acme', time_zone: 'Europe/Rome' }],
      servers: [{ id: 'orders', pins: 'quarantine_changed' }],
      rules: [{ id: 'large', effect: 'deny', tools: ['search_orders'], when: [{ argument: '/limit', greater: 100 }] }],
      limits: [
        { id: 'monthly', window: 'month', limit: 1_000_000_000, per: ['tenant', 'application'] },
        { id: 'burst', window: 'second', limit: 1_000_000, per: ['tenant'] },
        { id: 'loops', kind: 'repeat', window: 'minute', limit: 1_000_000, per: ['application'] },
      ],
    }),
  },
});

const message = {
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: { name: 'search_orders', arguments: { query: 'lamp', note: 'x'.repeat(150), limit: 10 } },
};

const factsFor = (request: number): GuardFacts =>
  factsOf(message, {
    request_id: `request-${request}`,
    started_at: Date.now(),
    consumer: { id: 'consumer-1', username: `app-${request % 500}`, tags: ['tenant:acme'] },
  });

interface Side {
  readonly name: string;
  readonly client: KongClient;
  readonly instance: number;
  readonly child: ChildProcess;
}

/** Kong's two phases of one request, with its PDK answering at once: what is left is the plugin server and the socket. */
const oneRequest = async ({ client, instance }: Side, request: number): Promise<void> => {
  let admission: unknown;
  const pdk: PdkTable = {
    'kong.mcp_guard.facts': () => factsFor(request),
    'kong.ctx.shared.set': (_, verdict) => void (admission = (verdict as { admission: unknown }).admission),
    'kong.ctx.shared.get': () => ({ ...outcome(request), admission }),
  };
  const access = await client.handleEvent({ instanceId: instance, phase: 'access', pdk });
  if (access.kind !== 'returned') throw new Error(`the request was not let through: ${JSON.stringify(access)}`);
  await client.handleEvent({ instanceId: instance, phase: 'log', pdk });
};

const outcome = (request: number): GuardOutcome => ({
  v: 1,
  outcome: 'ok',
  request_id: `request-${request}`,
  started_at: Date.now(),
  client_ip: '127.0.0.1',
  method: 'POST',
  path: '/mcp/orders',
  status: 200,
  request_bytes: 280,
  response_bytes: 100,
  latency: { total: 3 },
});

const start = async (
  name: string,
  prefix: string,
  options: { readonly plugins?: string; readonly config?: object },
): Promise<Side> => {
  const socket = `${name.replaceAll(' ', '-')}.sock`;
  const launcher = path.join(packageFolder, 'bin/mcp-governance-pluginserver.cjs');
  const directory = options.plugins === undefined ? [] : ['-d', options.plugins];
  const child = spawn(
    process.execPath,
    [launcher, '-p', prefix, '--sock-name', socket, '--exit-with-parent', ...directory],
    { stdio: 'ignore' },
  );
  const client = await connected(path.join(prefix, socket));
  const instance = await client.startInstance({
    name: options.plugins === undefined ? 'mcp-governance' : 'bench-noop',
    config: options.config ?? {},
  });
  return { name, client, instance, child };
};

const connected = async (socket: string): Promise<KongClient> => {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await KongClient.connect(socket);
    } catch (error) {
      if (attempt === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
};

interface Load {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

const load = async (side: Side, concurrency: number): Promise<Load> => {
  const calls = concurrency === 1 ? CALLS / 4 : CALLS;
  const samples = new Float64Array(calls);
  let next = 0;
  const began = process.hrtime.bigint();
  const worker = async (): Promise<void> => {
    for (let index = next++; index < calls; index = next++) {
      const from = process.hrtime.bigint();
      await oneRequest(side, index);
      samples[index] = Number(process.hrtime.bigint() - from) / 1000;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { ...percentiles(samples), perSecond: calls / (Number(process.hrtime.bigint() - began) / 1e9) };
};

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;

/** Full governance against a plugin that does nothing, over the plugin server's socket, in one run. */
export const benchPluginServer = async (print: (line: string) => void): Promise<void> => {
  const prefix = mkdtempSync(path.join(tmpdir(), 'governance-bench-'));
  const sides: Side[] = [];
  try {
    sides.push(await start('does nothing', prefix, { plugins: path.join(packageFolder, 'bench/noop') }));
    const port = await freePort();
    sides.push(await start('full governance', prefix, { config: configWith(port) }));
    for (const concurrency of [1, CONCURRENCY]) await compare(sides, { concurrency, print });
    print(await shares(port));
  } finally {
    for (const { client, child } of sides) {
      client.close();
      child.kill(process.env.BENCH_PROF ? 'SIGTERM' : 'SIGKILL');
    }
    rmSync(prefix, { recursive: true, force: true });
  }
};

const compare = async (
  sides: readonly Side[],
  { concurrency, print }: { readonly concurrency: number; readonly print: (line: string) => void },
): Promise<void> => {
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
  ];
  const ratio = (what: keyof Load): string => `${(of(1, what) / of(0, what)).toFixed(2)}x`;
  print(`\nPlugin server over its socket, access and log phase, ${concurrency} at a time, median of ${PASSES} passes`);
  print(
    table([
      ['', 'p50 ms', 'p99 ms', 'requests/s'],
      row(0, 'a plugin that does nothing'),
      row(1, 'everything on'),
      ['everything / nothing', ratio('p50'), ratio('p99'), ratio('perSecond')],
    ]),
  );
};

/** What the plugin server itself measured of each step; `facts` and `verdict` are round trips to Kong. */
const shares = async (port: number): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
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
  const total = [...sums.values()].reduce((left, right) => left + right, 0);
  const rows = [...sums].map(([stage, sum]) => [
    stage,
    ((sum / (counts.get(stage) ?? 1)) * 1e6).toFixed(0),
    `${((100 * sum) / total).toFixed(0)} %`,
  ]);
  return `\nEach step of everything, both loads together\n${table([['step', 'mean us', 'share'], ...rows])}`;
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
