import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLocalGateway, type LocalGateway } from '../local-gateway/local-gateway.ts';
import { median, percentiles, table } from './measure.ts';

const CALLS = 2_000;
const CONCURRENCY = 16;
const PASSES = 3;
const BODY = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'search', arguments: { query: 'x'.repeat(200) } },
});

/** A server that answers every call at once, so that the gateway is what is measured. */
const startUpstream = async (): Promise<{ readonly url: string; close(): void }> => {
  const answer = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { content: [], isError: false } });
  const server = createServer((incoming, outgoing) => {
    incoming.resume().once('end', () => outgoing.writeHead(200, { 'content-type': 'application/json' }).end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
};

const declarative = (upstream: string): object => ({
  _format_version: '3.0',
  services: [
    { name: 'off', url: upstream, routes: [{ name: 'off', paths: ['/off'] }], plugins: [{ name: 'key-auth' }] },
    {
      name: 'on',
      url: upstream,
      routes: [{ name: 'on', paths: ['/on'] }],
      plugins: [
        { name: 'key-auth' },
        {
          name: 'mcp-governance',
          config: { server: { name: 'bench', kind: 'mcp' }, rules: [{ id: 'bench', tools: ['search'] }] },
        },
        { name: 'mcp-guard' },
      ],
    },
  ],
  consumers: [{ username: 'bench', keyauth_credentials: [{ key: 'test-key-bench' }] }],
});

interface Load {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

const load = async (url: string): Promise<Load> => {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const samples = new Float64Array(CALLS);
  let next = 0;
  const began = process.hrtime.bigint();
  const worker = async (): Promise<void> => {
    for (let index = next++; index < CALLS; index = next++) {
      const start = process.hrtime.bigint();
      await post(url, agent);
      samples[index] = Number(process.hrtime.bigint() - start) / 1000;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  agent.destroy();
  return { ...percentiles(samples), perSecond: CALLS / seconds };
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

export const benchGateway = async (print: (line: string) => void): Promise<void> => {
  const prefix = mkdtempSync(path.join(tmpdir(), 'governance-bench-'));
  const upstream = await startUpstream();
  let gateway: LocalGateway | undefined;
  try {
    gateway = await startLocalGateway({
      config: { declarative: declarative(upstream.url) },
      proxyPort: 0,
      adminPort: 0,
      prefix,
    });
    const runs: { off: Load; on: Load }[] = [];
    for (let pass = 0; pass < PASSES; pass += 1)
      runs.push({ off: await load(`${gateway.proxyUrl}/off`), on: await load(`${gateway.proxyUrl}/on`) });
    report(runs, print);
  } finally {
    await gateway?.close();
    upstream.close();
    rmSync(prefix, { recursive: true, force: true });
  }
};

const report = (runs: readonly { readonly off: Load; readonly on: Load }[], print: (line: string) => void): void => {
  const of = (side: 'off' | 'on', what: keyof Load): number => median(runs.map((run) => run[side][what]));
  const row = (name: string, side: 'off' | 'on'): readonly string[] => [
    name,
    (of(side, 'p50') / 1000).toFixed(2),
    (of(side, 'p99') / 1000).toFixed(2),
    of(side, 'perSecond').toFixed(0),
  ];
  print(`\nThrough the local gateway, ${CALLS} calls, ${CONCURRENCY} at a time, median of ${PASSES} passes`);
  print(
    table([
      ['', 'p50 ms', 'p99 ms', 'calls/s'],
      row('key-auth only', 'off'),
      row('key-auth, mcp-governance, mcp-guard', 'on'),
      [
        'on / off',
        `${(of('on', 'p50') / of('off', 'p50')).toFixed(2)}x`,
        `${(of('on', 'p99') / of('off', 'p99')).toFixed(2)}x`,
        `${(of('on', 'perSecond') / of('off', 'perSecond')).toFixed(2)}x`,
      ],
    ]),
  );
  print(
    'PDK calls of an allowed tools/call: 2 in access (facts, verdict), 1 in log. The gateway here is a stand-in: it runs',
  );
  print('the guard in a Lua interpreter written in JavaScript, so a real Kong loses a smaller share.');
};
