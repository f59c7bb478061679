import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitFor } from '../../setup/governed-demo.ts';
import { consumers, guard, keyAuth, service } from './declarative.ts';
import { send, type McpAnswer } from './mcp-client.ts';
import { startMcpUpstream, type McpUpstream } from './mcp-upstream.ts';
import { makePrefix, misbehavingServer, startTestGateway, type TestGateway } from './test-gateway.ts';

/** What the client sees, and how often the server was asked. */
export type Seen = readonly [status: number, reachedServer: 0 | 1];

export interface Row {
  readonly behaviour: string;
  readonly guarded: Seen;
  /** With kong-pdk's launcher and without the guard: what a real Kong was measured to do. */
  readonly unguarded?: Seen;
  /** The process dies of it under kong-pdk's launcher; only what says `both` kills ours. */
  readonly dies?: 'kong-pdk' | 'both';
}

export const rows: readonly Row[] = [
  { behaviour: 'behaves', guarded: [200, 1], unguarded: [200, 1] },
  { behaviour: 'throws_at_once', guarded: [503, 0], unguarded: [200, 1] },
  { behaviour: 'throws_later', guarded: [503, 0], unguarded: [200, 1] },
  { behaviour: 'throws_after_a_call', guarded: [503, 0], unguarded: [200, 1] },
  { behaviour: 'leaves_no_verdict', guarded: [503, 0], unguarded: [200, 1] },
  { behaviour: 'rejects_unhandled', guarded: [503, 0], unguarded: [200, 1], dies: 'kong-pdk' },
  { behaviour: 'throws_in_a_timer', guarded: [503, 0], unguarded: [200, 1], dies: 'kong-pdk' },
  { behaviour: 'exits_the_process', guarded: [503, 0], unguarded: [200, 1], dies: 'both' },
  { behaviour: 'never_returns', guarded: [503, 0], unguarded: [200, 1] },
  { behaviour: 'raises_a_lua_error', guarded: [500, 0], unguarded: [500, 0] },
  { behaviour: 'serializes_in_access', guarded: [500, 0], unguarded: [500, 0] },
  { behaviour: 'constructor_throws', guarded: [500, 0], unguarded: [500, 0] },
  { behaviour: 'exits_awaited', guarded: [403, 0], unguarded: [403, 0] },
  { behaviour: 'exits_not_awaited', guarded: [403, 0], unguarded: [403, 0] },
  { behaviour: 'response_throws', guarded: [502, 1], unguarded: [200, 1] },
  { behaviour: 'response_throws_after_a_call', guarded: [502, 1], unguarded: [200, 1] },
  { behaviour: 'response_exits_the_process', guarded: [502, 1], unguarded: [200, 1], dies: 'both' },
  { behaviour: 'response_never_returns', guarded: [502, 1], unguarded: [200, 1] },
  { behaviour: 'response_throws_after_its_mark', guarded: [502, 1] },
  { behaviour: 'response_dies_after_its_mark', guarded: [502, 1], dies: 'both' },
  { behaviour: 'response_returns_without_a_mark', guarded: [502, 1], unguarded: [200, 1] },
  { behaviour: 'response_exits_without_a_mark', guarded: [502, 1], unguarded: [200, 1] },
  { behaviour: 'verdict_of_another_consumer', guarded: [503, 0] },
  { behaviour: 'verdict_of_no_consumer', guarded: [503, 0] },
  { behaviour: 'verdict_of_another_route', guarded: [503, 0] },
  { behaviour: 'verdict_of_an_unknown_scope', guarded: [503, 0] },
  { behaviour: 'verdict_of_another_request', guarded: [503, 0] },
  { behaviour: 'verdict_of_another_version', guarded: [503, 0] },
  { behaviour: 'verdict_without_admission', guarded: [503, 0] },
  { behaviour: 'verdict_that_is_a_word', guarded: [503, 0] },
];

/** Long enough for a slow machine to answer what answers at all; the two rows that hang wait for it. */
const READ_TIMEOUT_MS = 1_000;

interface Setup {
  readonly by: Parameters<typeof misbehavingServer>[1];
  readonly isGuarded: boolean;
}

const declarative = (url: string, { isGuarded }: Setup): object => ({
  consumers,
  services: [
    service({
      url,
      plugins: [keyAuth, ...(isGuarded ? [guard] : [])],
      routes: rows.map(({ behaviour }) => ({
        name: behaviour,
        paths: [`/${behaviour}`],
        plugins: [{ name: 'misbehaving', config: { behaviour } }],
      })),
    }),
  ],
});

/** Calls each misbehaving route once, with the plugin server alive, and counts what reached the server. */
export const misbehavingSuite = (setup: Setup, tested: readonly Row[], expected: (row: Row) => Seen): void => {
  let upstream: McpUpstream;
  let gateway: TestGateway;

  beforeAll(async () => {
    upstream = await startMcpUpstream();
    const prefix = makePrefix();
    gateway = await startTestGateway({
      declarative: declarative(upstream.url, setup),
      prefix,
      pluginServer: misbehavingServer(prefix, setup.by),
      luaSocketReadTimeoutMs: READ_TIMEOUT_MS,
      ...(setup.isGuarded ? {} : { guardFile: false }),
    });
  });

  afterAll(async () => {
    await gateway.close();
    await upstream.close();
  });

  const call = (behaviour: string): Promise<McpAnswer> =>
    send(gateway.proxyUrl, { path: `/${behaviour}`, method: 'tools/list' });

  const cases = tested.map((row) => {
    const [status, times] = expected(row);
    return [`${row.behaviour}: the client sees ${status}, the server is asked ${times} times`, row] as const;
  });

  it.each(cases)('%s', async (_title, row) => {
    // A plugin that refuses is alive: an unguarded request passes when nobody is there.
    await waitFor(async () => ((await call('exits_awaited')).status === 403 ? true : undefined));
    const before = upstream.received.length;
    const pid = gateway.pluginServerPid();

    const answer = await call(row.behaviour);

    expect([answer.status, upstream.received.length - before]).toEqual(expected(row));
    expect(answer.body.includes('delete_order')).toBe(answer.status === 200);
    const dies = row.dies === 'both' || (row.dies === 'kong-pdk' && setup.by === "kong-pdk's launcher");
    if (dies) await waitFor(() => (gateway.pluginServerPid() === pid ? undefined : true));
    else expect(gateway.pluginServerPid()).toBe(pid);
  });
};
