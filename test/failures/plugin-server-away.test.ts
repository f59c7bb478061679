import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { waitFor } from '../setup/governed-demo.ts';
import { consumers, governance, governed, keyAuth, service } from './harness/declarative.ts';
import { startLoad, statuses, type Load, type Sent } from './harness/load.ts';
import { callTool, isServed, listTools } from './harness/mcp-client.ts';
import { startMcpUpstream, type McpUpstream } from './harness/mcp-upstream.ts';
import { makePrefix, startTestGateway, type TestGateway, type TestGatewayOptions } from './harness/test-gateway.ts';
import { UnmanagedServer } from './harness/unmanaged-server.ts';

const started: { close(): Promise<void> }[] = [];
const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
  started.unshift(part);
  return part;
};

afterEach(async () => {
  for (const part of started.splice(0)) await part.close();
});

interface Started {
  readonly upstream: McpUpstream;
  readonly gateway: TestGateway;
}

const start = async (
  options: Omit<TestGatewayOptions, 'declarative'> & { readonly declarative?: (url: string) => object } = {},
): Promise<Started> => {
  const { declarative = governed, ...rest } = options;
  const upstream = keep(await startMcpUpstream());
  const gateway = keep(await startTestGateway({ ...rest, declarative: declarative(upstream.url) }));
  return { upstream, gateway };
};

/** Governed as where no Lua file can be added, but without the post-function: nothing fails closed. */
const unguarded = (url: string): object => ({
  services: [service({ url, plugins: [keyAuth, governance(['search_orders'], { guard: 'post-function' })] })],
  consumers,
});

type Kind = 'allowed' | 'denied' | 'list';

const load = ({ gateway }: Started, kinds: readonly Kind[] = ['allowed', 'denied', 'list']): Load<Kind> =>
  startLoad({
    kinds,
    connections: 8,
    maximumRequests: 4_000,
    send: (kind) =>
      kind === 'list'
        ? listTools(gateway.proxyUrl)
        : callTool(gateway.proxyUrl, kind === 'allowed' ? 'search_orders' : 'delete_order'),
  });

const isGoverned = ({ answer }: Sent<Kind>): boolean => answer.status === 200;
const isRefused = ({ answer }: Sent<Kind>): boolean => answer.status === 503;

const of = (sent: readonly Sent<Kind>[], kind: Kind): readonly Sent<Kind>[] =>
  sent.filter((item) => item.kind === kind);

/** Nothing that a caller may not have got through, and the server was asked exactly as often as clients were served. */
const expectNothingUnguarded = (sent: readonly Sent<Kind>[], upstream: McpUpstream): void => {
  expect(upstream.callsOf('delete_order')).toBe(0);
  expect(of(sent, 'list').filter(({ answer }) => answer.body.includes('delete_order'))).toEqual([]);
  expect(of(sent, 'denied').filter(({ answer }) => isServed(answer))).toEqual([]);
  expect(upstream.callsOf('search_orders')).toBe(of(sent, 'allowed').filter(({ answer }) => isServed(answer)).length);
  const answered = of(sent, 'list').filter(({ answer }) => [200, 502].includes(answer.status));
  expect(upstream.received.filter(({ method }) => method === 'tools/list').length).toBe(answered.length);
};

describe('the plugin server is killed with kill -9 under load', () => {
  it('3 kills, 8 connections: only governed requests pass, all others get 503 or, for a list under way, 502', async () => {
    const started = await start();
    const { gateway, upstream } = started;
    const running = load(started);
    for (let kill = 0; kill < 3; kill += 1) {
      await running.until(60, isGoverned);
      gateway.signal('SIGKILL');
      await running.until(8, isRefused);
    }
    await running.until(60, isGoverned);
    const sent = await running.stop();

    const counts = statuses(sent);
    expect(Object.keys(counts).filter((status) => !['200', '500', '502', '503'].includes(status))).toEqual([]);
    expect(counts[200]).toBeGreaterThanOrEqual(240);
    expect(counts[503]).toBeGreaterThanOrEqual(24);
    expectNothingUnguarded(sent, upstream);
  });

  it('without the guard the stand-in lets the denied tool through, as Kong does', async () => {
    const { gateway, upstream } = await start({ declarative: unguarded, guardFile: false });
    expect(isServed(await callTool(gateway.proxyUrl, 'delete_order'))).toBe(false);
    gateway.signal('SIGKILL');
    await waitFor(async () => (isServed(await callTool(gateway.proxyUrl, 'delete_order')) ? true : undefined));
    expect(upstream.callsOf('delete_order')).toBeGreaterThan(0);
  });
});

describe('the plugin server hangs (SIGSTOP) with a socket read timeout of 700 ms', () => {
  it('is refused with 503 while it hangs and served again after SIGCONT; nothing passes unguarded', async () => {
    const started = await start({ luaSocketReadTimeoutMs: 700 });
    const { gateway, upstream } = started;
    const running = load(started);
    await running.until(40, isGoverned);
    const pid = gateway.signal('SIGSTOP');
    await running.until(8, isRefused);
    expect(gateway.pluginServerPid()).toBe(pid);
    gateway.signal('SIGCONT');
    await running.until(60, isGoverned);
    const sent = await running.stop();
    expectNothingUnguarded(sent, upstream);
    // It went on: late answers on kept connections did not end it.
    expect(gateway.pluginServerPid()).toBe(pid);
  });

  it('without the guard the denied tool passes after the timeout', async () => {
    const { gateway, upstream } = await start({
      declarative: unguarded,
      guardFile: false,
      luaSocketReadTimeoutMs: 700,
    });
    expect(isServed(await callTool(gateway.proxyUrl, 'delete_order'))).toBe(false);
    gateway.signal('SIGSTOP');
    expect(isServed(await callTool(gateway.proxyUrl, 'delete_order'))).toBe(true);
    expect(upstream.callsOf('delete_order')).toBe(1);
    gateway.signal('SIGCONT');
  });
});

/** The local gateway waits for somebody to listen before it serves; this one listens only so long. */
const listenBriefly = async (socket: string): Promise<() => Promise<void>> => {
  const server = createServer((connection) => connection.destroy());
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return () =>
    new Promise((resolve) =>
      server.close(() => {
        rmSync(socket, { force: true });
        resolve();
      }),
    );
};

describe.each([
  { title: 'with the guard', declarative: governed, guardFile: {} },
  { title: 'without the guard', declarative: unguarded, guardFile: { guardFile: false } as const },
])('a plugin server that Kong does not manage, $title', ({ declarative, guardFile }) => {
  const isGuarded = !('guardFile' in guardFile);

  it('absent at start: 500 and nothing forwarded, until it listens', async () => {
    const prefix = makePrefix();
    const server = keep(new UnmanagedServer(prefix, isGuarded ? [] : ['--log-phase']));
    const stopListening = await listenBriefly(server.socket);
    const { gateway, upstream } = await start({ prefix, pluginServer: server.options, declarative, ...guardFile });
    await stopListening();

    expect((await callTool(gateway.proxyUrl, 'search_orders')).status).toBe(500);
    expect((await listTools(gateway.proxyUrl)).status).toBe(500);
    expect(upstream.received).toEqual([]);

    await server.start();
    expect((await callTool(gateway.proxyUrl, 'delete_order')).body).toContain('Unknown tool');
    expect(upstream.received).toEqual([]);
  });

  it(`dies for good: ${isGuarded ? '503 for ever, nothing forwarded' : 'the denied tool passes for ever'}`, async () => {
    const prefix = makePrefix();
    const server = keep(new UnmanagedServer(prefix, isGuarded ? [] : ['--log-phase']));
    await server.start();
    const { gateway, upstream } = await start({ prefix, pluginServer: server.options, declarative, ...guardFile });
    expect((await callTool(gateway.proxyUrl, 'delete_order')).body).toContain('Unknown tool');
    expect(upstream.received).toEqual([]);
    await server.close();

    for (let attempt = 0; attempt < 5; attempt += 1) {
      const call = await callTool(gateway.proxyUrl, 'delete_order');
      const list = await listTools(gateway.proxyUrl);
      expect([call.status, list.status]).toEqual(isGuarded ? [503, 503] : [200, 200]);
      expect(list.body.includes('delete_order')).toBe(!isGuarded);
    }
    expect(upstream.callsOf('delete_order')).toBe(isGuarded ? 0 : 5);
    const logged = gateway.lines.filter((line) => line.includes('mcp_guard_refused'));
    expect(logged.length).toBe(isGuarded ? 10 : 0);
  });
});
