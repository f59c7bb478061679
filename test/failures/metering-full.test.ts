import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startTestLedger, type TestLedger } from '../../kong-plugin/src/shipper/testing/test-ledger.ts';
import { waitFor } from '../setup/governed-demo.ts';
import { consumers, governance, guard, keyAuth, service } from './harness/declarative.ts';
import { callTool, isServed } from './harness/mcp-client.ts';
import { startMcpUpstream, type McpUpstream } from './harness/mcp-upstream.ts';
import { startTestGateway, toConfig, type TestGateway } from './harness/test-gateway.ts';

const started: { close(): Promise<void> }[] = [];
const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
  started.unshift(part);
  return part;
};

afterEach(async () => {
  for (const part of started.splice(0)) await part.close();
});

const TOKEN = 'test-token-for-management-0123456789';
/** Two records fill a tenth of a percent of it: the smallest spool that the configuration takes. */
const MAX_BYTES = 1_048_576;

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
};

interface Stack {
  readonly upstream: McpUpstream;
  readonly gateway: TestGateway;
  /** Starts the ledger. A new token, so that the node does not wait for the end of its backoff, which grows to a minute. */
  readonly startLedger: () => Promise<TestLedger>;
  readonly ready: () => Promise<{ readonly status: number; readonly spool: unknown }>;
}

const start = async (whenFull: 'strict' | 'available'): Promise<Stack> => {
  const [ledgerPort, port] = [await freePort(), await freePort()];
  const upstream = keep(await startMcpUpstream());
  const declarative = (token: string): object => {
    const metering = { url: `http://127.0.0.1:${ledgerPort}`, token, when_full: whenFull, max_bytes: MAX_BYTES };
    const more = { metering, management: { port, token: TOKEN } };
    return {
      services: [service({ url: upstream.url, plugins: [keyAuth, governance(['search_orders'], more), guard] })],
      consumers,
    };
  };
  const gateway = keep(await startTestGateway({ declarative: declarative('node-credential-0123456789') }));
  const startLedger = async (): Promise<TestLedger> => {
    const ledger = keep(await startTestLedger(ledgerPort));
    await gateway.reload(toConfig(declarative('node-credential-new-9876543210')));
    return ledger;
  };
  const ready = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { headers: { authorization: `Bearer ${TOKEN}` } });
    const { components } = (await answer.json()) as { components: { spool?: unknown } };
    return { status: answer.status, spool: components.spool };
  };
  return { upstream, gateway, startLedger, ready };
};

/** Arguments that make a record large: the spool is full after some 150 calls. */
const long = { text: 'x'.repeat(1_000), more: Array.from({ length: 5 }, () => 'y'.repeat(1_000)) };

const call = (gateway: TestGateway, id: number) =>
  fetch(`${gateway.proxyUrl}/mcp`, {
    method: 'POST',
    headers: { apikey: 'key-alice', 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name: 'search_orders', arguments: long },
    }),
  });

/** Calls one after the other until the spool is full; gives how many there were. */
const fill = async ({ gateway, ready }: Stack): Promise<number> => {
  for (let id = 1; id < 400; id += 1) {
    await (await call(gateway, id)).text();
    if (id % 10 === 0 && (await ready()).status === 503) return id;
  }
  throw new Error('the spool never became full');
};

const isLost = (line: string): boolean => line.includes('a record is lost') && line.includes('full');

/** Sequences that the gateway says it could not store. */
const lostOf = ({ lines }: TestGateway): readonly number[] =>
  [...new Set(lines.filter(isLost).map((line) => Number(/sequence (\d+)/.exec(line)?.[1])))].sort(ascending);

const ascending = (left: number, right: number): number => left - right;

const sequencesOf = ({ sequences }: TestLedger): ReadonlySet<number> =>
  new Set([...sequences].map((seen) => Number(seen.split(' ')[1])));

/** Sequences below its highest that the ledger has not seen. */
const gapsOf = (ledger: TestLedger): readonly number[] => {
  const seen = sequencesOf(ledger);
  return Array.from({ length: Math.max(...seen) }, (_, index) => index + 1).filter((sequence) => !seen.has(sequence));
};

const sameNumbers = (left: readonly number[], right: readonly number[]): boolean => left.join() === right.join();

describe('the ledger is away until the spool is full', () => {
  it('strict: calls are refused with 503 and none is lost; served again when the ledger has taken what waits', async () => {
    const stack = await start('strict');
    const { gateway, upstream, ready, startLedger } = stack;
    await fill(stack);
    const executed = upstream.callsOf('search_orders');
    expect((await call(gateway, 1_000)).status).toBe(503);
    expect(upstream.callsOf('search_orders')).toBe(executed);
    expect(await ready()).toMatchObject({
      status: 503,
      spool: { ok: false, why: expect.stringContaining('full') as string },
    });
    expect(gateway.lines.some((line) => line.includes('request refused') && line.includes('metering.max_bytes'))).toBe(
      true,
    );

    const ledger = await startLedger();
    await waitFor(async () =>
      isServed(await callTool(gateway.proxyUrl, 'search_orders', { id: 2_000 })) ? true : undefined,
    );
    await waitFor(() => ([...ledger.stored.values()].some(({ data }) => data.jsonRpcId === 2_000) ? true : undefined));
    const known = [...ledger.stored.values()].filter(({ data }) => data.outcome === 'ok');
    expect(known).toHaveLength(upstream.callsOf('search_orders'));
    expect((await ready()).status).toBe(200);
    // Refusals want a record too: while there is no room for one, it is named.
    await waitFor(() => (sameNumbers(gapsOf(ledger), lostOf(gateway)) ? true : undefined));
  });

  it('available: calls are served and the alarm is up; what is not recorded is counted and is a gap at the ledger', async () => {
    const stack = await start('available');
    const { gateway, upstream, ready, startLedger } = stack;
    const first = await fill(stack);
    for (let id = first + 1; !gateway.lines.some(isLost); id += 1) expect((await call(gateway, id)).status).toBe(200);
    expect(await ready()).toMatchObject({ status: 503, spool: { ok: false } });
    expect(gateway.lines.some((line) => line.includes('a store is away') && line.includes('spool'))).toBe(true);

    const ledger = await startLedger();
    await callTool(gateway.proxyUrl, 'search_orders', { id: 1_999 });
    await waitFor(async () => ((await ready()).status === 200 ? true : undefined));
    await callTool(gateway.proxyUrl, 'search_orders', { id: 2_000 });
    await waitFor(() => ([...ledger.stored.values()].some(({ data }) => data.jsonRpcId === 2_000) ? true : undefined));
    const gaps = gapsOf(ledger);
    expect(gaps).toEqual(lostOf(gateway));
    expect(gaps.length).toBeGreaterThan(0);
    expect(upstream.callsOf('search_orders')).toBe(Math.max(...sequencesOf(ledger)));
  });
});
