import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLocalGateway, type LocalGateway } from '../local-gateway/local-gateway.ts';
import { everythingOn, message } from './everything-on.ts';
import { freePort } from './free-port.ts';
import { median, percentiles, table } from './measure.ts';
import { pluginServerCommand, type PluginChoice } from './plugin-server-process.ts';

const CALLS = 2_000;
const LOADS = [1, 16];
const PASSES = 3;
const BODY = JSON.stringify(message);

/** A server that answers every call at once, so that the gateway is what is measured. */
const startUpstream = async (): Promise<{ readonly url: string; close(): void }> => {
  const answer = JSON.stringify({ jsonrpc: '2.0', id: message.id, result: { content: [], isError: false } });
  const server = createServer((incoming, outgoing) => {
    incoming.resume().once('end', () => outgoing.writeHead(200, { 'content-type': 'application/json' }).end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
};

const declarative = (url: string, plugins: readonly object[]): object => ({
  _format_version: '3.0',
  services: [
    { name: 'orders', url, routes: [{ name: 'orders', paths: ['/'] }], plugins: [{ name: 'key-auth' }, ...plugins] },
  ],
  consumers: [
    {
      username: 'app-7',
      tags: ['tenant:acme'],
      keyauth_credentials: [{ key: 'test-key-bench' }],
    },
  ],
});

interface Load {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

const load = async (url: string, concurrency: number): Promise<Load> => {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const calls = concurrency === 1 ? CALLS / 4 : CALLS;
  const samples = new Float64Array(calls);
  let next = 0;
  const began = process.hrtime.bigint();
  const worker = async (): Promise<void> => {
    for (let index = next++; index < calls; index = next++) {
      const start = process.hrtime.bigint();
      await post(url, agent);
      samples[index] = Number(process.hrtime.bigint() - start) / 1000;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  agent.destroy();
  return { ...percentiles(samples), perSecond: calls / seconds };
};

const post = (url: string, agent: Agent): Promise<void> =>
  new Promise((resolve, reject) => {
    const headers = {
      apikey: 'test-key-bench',
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'content-length': BODY.length,
    };
    const outgoing = httpRequest(url, { method: 'POST', agent, headers }, (incoming) => {
      if (incoming.statusCode !== 200) reject(new Error(`${url} answered ${incoming.statusCode ?? 0}`));
      incoming.resume().once('end', resolve);
    });
    outgoing.once('error', reject).end(BODY);
  });

/** One gateway each, because a plugin server holds one plugin. */
export const benchGateway = async (print: (line: string) => void): Promise<void> => {
  const prefix = mkdtempSync(path.join(tmpdir(), 'governance-bench-'));
  const upstream = await startUpstream();
  const gateways: LocalGateway[] = [];
  const start = async (choice: PluginChoice, plugins: readonly object[]): Promise<void> => {
    const folder = path.join(prefix, choice);
    mkdirSync(folder);
    gateways.push(
      await startLocalGateway({
        config: { declarative: declarative(upstream.url, plugins) },
        pluginServer: pluginServerCommand(choice, folder),
        proxyPort: 0,
        adminPort: 0,
        prefix: folder,
      }),
    );
  };
  try {
    await start('nothing', [{ name: 'bench-noop' }]);
    const config = everythingOn(await freePort());
    await start('everything', [{ name: 'mcp-governance', config }, { name: 'mcp-guard' }]);
    for (const concurrency of LOADS) await compare(gateways, { concurrency, print });
    print(
      'The local gateway is a stand-in for development: it runs the guard in a Lua interpreter written in JavaScript.',
    );
  } finally {
    for (const gateway of gateways) await gateway.close();
    upstream.close();
    rmSync(prefix, { recursive: true, force: true });
  }
};

const compare = async (
  gateways: readonly LocalGateway[],
  { concurrency, print }: { readonly concurrency: number; readonly print: (line: string) => void },
): Promise<void> => {
  const loads = gateways.map(() => [] as Load[]);
  for (let pass = 0; pass <= PASSES; pass += 1)
    for (const [index, { proxyUrl }] of gateways.entries()) {
      const measured = await load(proxyUrl, concurrency);
      // The first pass warms both up.
      if (pass > 0) loads[index]?.push(measured);
    }
  const of = (index: number, what: keyof Load): number => median((loads[index] ?? []).map((each) => each[what]));
  const ratio = (what: keyof Load): string => `${(of(1, what) / of(0, what)).toFixed(2)}x`;
  const row = (index: number, name: string): readonly string[] => [
    name,
    (of(index, 'p50') / 1000).toFixed(2),
    (of(index, 'p99') / 1000).toFixed(2),
    of(index, 'perSecond').toFixed(0),
  ];
  print(`\nThrough the local gateway, ${concurrency} at a time, median of ${PASSES} passes`);
  print(
    table([
      ['', 'p50 ms', 'p99 ms', 'requests/s'],
      row(0, 'key-auth, a plugin that does nothing'),
      row(1, 'key-auth, everything on, mcp-guard'),
      ['everything / nothing', ratio('p50'), ratio('p99'), ratio('perSecond')],
    ]),
  );
};
