import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { factProblems } from '../../kong-plugin/src/host/read-guard-facts.ts';
import { consumers, governance, guard, keyAuth, service } from './harness/declarative.ts';
import { callTool, isServed, listTools } from './harness/mcp-client.ts';
import { startMcpUpstream, type McpUpstream } from './harness/mcp-upstream.ts';
import { startTestGateway, type TestGateway } from './harness/test-gateway.ts';

/** Two routes to one service; each case says where mcp-governance and mcp-guard are enabled. */
interface Case {
  readonly title: string;
  readonly onGoverned?: readonly object[];
  readonly onOther?: readonly object[];
  readonly onService?: readonly object[];
  readonly everywhere?: readonly object[];
}

const setUp = (url: string, { onGoverned = [], onOther = [], onService = [], everywhere = [] }: Case): object => ({
  consumers,
  plugins: everywhere,
  services: [
    service({
      url,
      plugins: [keyAuth, ...onService],
      routes: [
        { name: 'governed', paths: ['/mcp'], plugins: onGoverned },
        { name: 'other', paths: ['/other'], plugins: onOther },
      ],
    }),
  ],
});

let upstream: McpUpstream;
let gateway: TestGateway | undefined;

beforeAll(async () => {
  upstream = await startMcpUpstream();
});
afterAll(() => upstream.close());
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});

const start = async (setting: Case, more: { readonly guardFile?: false } = {}): Promise<TestGateway> => {
  gateway = await startTestGateway({ declarative: setUp(upstream.url, setting), ...more });
  return gateway;
};

const reachedBy = async (act: () => Promise<void>): Promise<number> => {
  const before = upstream.received.length;
  await act();
  return upstream.received.length - before;
};

const expectEverythingRefused = async (running: TestGateway, why: string): Promise<void> => {
  const reached = await reachedBy(async () => {
    for (const answer of [
      await callTool(running.proxyUrl, 'search_orders'),
      await callTool(running.proxyUrl, 'delete_order'),
      await listTools(running.proxyUrl),
    ]) {
      expect(answer.status).toBe(503);
      expect(answer.body).not.toContain('mcp-guard');
    }
  });
  expect(reached).toBe(0);
  const asLogged = JSON.stringify(`request refused: ${why}`);
  expect(running.lines.filter((line) => line.includes(asLogged))).toHaveLength(3);
};

const disabledGuard = { ...guard, enabled: false };

describe('where mcp-guard is not in force, everything is refused and the log says what to do', () => {
  const uncovered: readonly Case[] = [
    { title: 'on no route at all', onGoverned: [governance()] },
    { title: 'on another route only', onGoverned: [governance()], onOther: [guard] },
    { title: 'on the route, but disabled', onGoverned: [governance(), disabledGuard] },
    { title: 'on one route, while mcp-governance is on the service', onService: [governance()], onOther: [guard] },
  ];

  it.each(uncovered)('$title', async (setting) => {
    await expectEverythingRefused(await start(setting), factProblems.uncovered);
  });

  it('not installed on the node', async () => {
    const running = await start({ title: '', onGoverned: [governance()] }, { guardFile: false });
    await expectEverythingRefused(running, factProblems.missing);
  });

  it('removed by a reload while requests come, and refused from then on', async () => {
    const running = await start({ title: '', onGoverned: [governance(), guard] });
    expect(isServed(await callTool(running.proxyUrl, 'search_orders'))).toBe(true);
    await running.reload({
      declarative: { _format_version: '3.0', ...setUp(upstream.url, { title: '', onGoverned: [governance()] }) },
    });
    await expectEverythingRefused(running, factProblems.uncovered);
  });
});

describe('where mcp-guard covers the route, calls are governed', () => {
  const covered: readonly Case[] = [
    { title: 'both on the route', onGoverned: [governance(), guard] },
    { title: 'both on the service', onService: [governance(), guard] },
    { title: 'mcp-governance on the route, the guard on the service', onGoverned: [governance()], onService: [guard] },
    { title: 'mcp-governance on the route, the guard global', onGoverned: [governance()], everywhere: [guard] },
    { title: 'both global', everywhere: [governance(), guard] },
    { title: 'mcp-governance on the service, the guard on the route', onService: [governance()], onGoverned: [guard] },
  ];

  it.each(covered)('$title', async (setting) => {
    const { proxyUrl } = await start(setting);
    const reached = await reachedBy(async () => {
      expect(isServed(await callTool(proxyUrl, 'search_orders'))).toBe(true);
      expect((await callTool(proxyUrl, 'delete_order')).body).toContain('Unknown tool');
      const list = await listTools(proxyUrl);
      expect([list.status, list.body.includes('search_orders'), list.body.includes('delete_order')]).toEqual([
        200,
        true,
        false,
      ]);
    });
    expect(reached).toBe(2);
  });

  it.each([
    { title: 'global', everywhere: [guard] },
    { title: 'on the service', onService: [guard] },
  ])('a route without mcp-governance under a guard that is $title is closed, not open', async (where) => {
    const running = await start({ onGoverned: [governance()], ...where });
    const reached = await reachedBy(async () => {
      expect((await callTool(running.proxyUrl, 'search_orders', { path: '/other' })).status).toBe(503);
      expect((await listTools(running.proxyUrl, { path: '/other' })).status).toBe(503);
    });
    expect(reached).toBe(0);
    expect(running.lines.filter((line) => line.includes('mcp_guard_refused'))).toHaveLength(2);
  });

  it('every route of a service is governed by what is on the service', async () => {
    const { proxyUrl } = await start({ title: '', onService: [governance(), guard] });
    expect(isServed(await callTool(proxyUrl, 'search_orders', { path: '/other' }))).toBe(true);
    expect(await reachedBy(async () => void (await callTool(proxyUrl, 'delete_order', { path: '/other' })))).toBe(0);
  });
});

it('a guard for one consumer is refused when the configuration is loaded: others would go unguarded', async () => {
  const config = setUp(upstream.url, { title: '', onGoverned: [governance()] });
  const withConsumer = { ...config, plugins: [{ ...guard, consumer: 'alice' }] };
  await expect(startTestGateway({ declarative: withConsumer })).rejects.toThrow(/consumer/);
});
