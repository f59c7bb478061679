import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KongClient } from '../../kong-plugin/src/plugin-server/testing/kong-client.ts';
import { waitFor } from '../setup/governed-demo.ts';
import { consumers, governance, guard, keyAuth, service } from './harness/declarative.ts';
import { startLoad, statuses } from './harness/load.ts';
import { callTool, isServed, listTools } from './harness/mcp-client.ts';
import { startMcpUpstream, type McpUpstream } from './harness/mcp-upstream.ts';
import { makePrefix, misbehavingServer, startTestGateway, type TestGateway } from './harness/test-gateway.ts';

const names = ['a', 'b', 'c', 'd'] as const;
type Name = (typeof names)[number];

/** Route x allows tool_x alone: whatever another route's configuration decides is visible. */
const declarative = (url: string): object => ({
  consumers,
  services: [
    service({
      url,
      plugins: [keyAuth],
      routes: names.map((name) => ({
        name,
        paths: [`/${name}`],
        plugins: [governance([`tool_${name}`], { records: { file: `records-${name}.jsonl` } }), guard],
      })),
    }),
  ],
});

/** `a>b`: the tool of b is called on the route of a. */
type Kind = `${Name}>${Name}`;
const kinds: readonly Kind[] = names.flatMap((name, index): readonly Kind[] => {
  const next = names[(index + 1) % names.length] ?? name;
  return [`${name}>${name}`, `${name}>${next}`];
});

describe('2 workers, 4 routes with 4 configurations, 16 connections, 3 kills of the plugin server', () => {
  let upstream: McpUpstream;
  let gateway: TestGateway;

  beforeAll(async () => {
    upstream = await startMcpUpstream();
    gateway = await startTestGateway({ declarative: declarative(upstream.url), workers: 2 });
  });

  afterAll(async () => {
    await gateway.close();
    await upstream.close();
  });

  it("no request is decided by another route's configuration", async () => {
    const load = startLoad({
      kinds,
      connections: 16,
      maximumRequests: 6_000,
      send: (kind) => callTool(gateway.proxyUrl, `tool_${kind.at(-1) ?? ''}`, { path: `/${kind.at(0) ?? ''}` }),
    });
    for (let kill = 0; kill < 3; kill += 1) {
      await load.until(80, ({ answer }) => answer.status === 200);
      gateway.signal('SIGKILL');
      await load.until(8, ({ answer }) => answer.status === 503);
    }
    await load.until(80, ({ answer }) => answer.status === 200);
    const sent = await load.stop();

    const ownTool = sent.filter(({ kind }) => kind.at(0) === kind.at(-1));
    const othersTool = sent.filter(({ kind }) => kind.at(0) !== kind.at(-1));
    expect(othersTool.filter(({ answer }) => isServed(answer))).toEqual([]);
    // A refusal of the route's own tool would have come from another route's rules.
    expect(ownTool.filter(({ answer }) => answer.body.includes('Unknown tool'))).toEqual([]);
    const others = Object.keys(statuses(sent)).filter((status) => !['200', '500', '503'].includes(status));
    expect(others).toEqual([]);
    expect(ownTool.filter(({ answer }) => isServed(answer)).length).toBe(upstream.received.length);
    const executed = upstream.received.map(({ path, tool }) => `${path} ${tool ?? ''}`);
    expect([...new Set(executed)].sort()).toEqual(names.map((name) => `/ tool_${name}`));
  });
});

describe('after a restart another worker starts its instance first, and gets the id that this one still uses', () => {
  /** `strict` refuses everything, `lax` lets everything pass. */
  const routes = [
    { name: 'strict', paths: ['/strict'], plugins: [{ name: 'misbehaving', config: { behaviour: 'exits_awaited' } }] },
    { name: 'lax', paths: ['/lax'], plugins: [{ name: 'misbehaving', config: { behaviour: 'behaves' } }] },
  ];

  const routeId = async (adminUrl: string, name: string): Promise<string> => {
    const response = await fetch(`${adminUrl}/routes/${name}`);
    return ((await response.json()) as { readonly id: string }).id;
  };

  it.concurrent.each([
    // kong-pdk counts from 0 again.
    { by: "kong-pdk's launcher", isGuarded: false, seen: [200, 1] },
    { by: "kong-pdk's launcher", isGuarded: true, seen: [503, 0] },
    // Ours starts at a random number: the old id is unknown, and the worker starts its own instance anew.
    { by: 'our launcher', isGuarded: false, seen: [403, 0] },
    { by: 'our launcher', isGuarded: true, seen: [403, 0] },
  ] as const)('$by, guard: $isGuarded', async ({ by, isGuarded, seen }) => {
    const upstream = await startMcpUpstream();
    const prefix = makePrefix();
    const pluginServer = misbehavingServer(prefix, by);
    const gateway = await startTestGateway({
      declarative: {
        consumers,
        services: [service({ url: upstream.url, plugins: [keyAuth, ...(isGuarded ? [guard] : [])], routes })],
      },
      prefix,
      pluginServer,
      ...(isGuarded ? {} : { guardFile: false }),
    });
    try {
      expect((await listTools(gateway.proxyUrl, { path: '/strict' })).status).toBe(403);
      const pid = gateway.signal('SIGKILL');
      await waitFor(() => ([pid, undefined].includes(gateway.pluginServerPid()) ? undefined : true));
      const worker = await waitFor(() => KongClient.connect(pluginServer.socket).catch(() => undefined));
      await worker.startInstance({
        name: 'misbehaving',
        config: { behaviour: 'behaves', route_id: await routeId(gateway.adminUrl, 'lax') },
      });
      const before = upstream.received.length;
      const answer = await listTools(gateway.proxyUrl, { path: '/strict' });
      expect([answer.status, upstream.received.length - before]).toEqual(seen);
      worker.close();
    } finally {
      await gateway.close();
      await upstream.close();
    }
  });
});
