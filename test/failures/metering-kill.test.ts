import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { InvocationEvent } from '../../kong-plugin/src/domain/records/invocation-event.ts';
import { startTestLedger, type TestLedger } from '../../kong-plugin/src/shipper/testing/test-ledger.ts';
import { waitFor } from '../setup/governed-demo.ts';
import { consumers, governance, guard, keyAuth, service } from './harness/declarative.ts';
import { callTool, isServed } from './harness/mcp-client.ts';
import { answerPlainly, startMcpUpstream, type McpUpstream } from './harness/mcp-upstream.ts';
import { seededRandom } from './harness/seeded-random.ts';
import { makePrefix, startTestGateway, type TestGateway } from './harness/test-gateway.ts';
import { UnmanagedServer } from './harness/unmanaged-server.ts';

/** The issue asks for 50; METERING_KILLS and METERING_SEED repeat a run, or make a longer one. */
const KILLS = Number(process.env['METERING_KILLS'] ?? 50);
const SEED = Number(process.env['METERING_SEED'] ?? 20_261_125);
const CONNECTIONS = 6;
/** 50 kills take some 20 s on two quiet cores, most of it the start of 50 processes. */
const RUN_MS = 240_000;

const started: { close(): Promise<void> }[] = [];
const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
  started.unshift(part);
  return part;
};

afterEach(async () => {
  for (const part of started.splice(0)) await part.close();
});

interface Stack {
  readonly ledger: TestLedger;
  readonly upstream: McpUpstream;
  readonly server: UnmanagedServer;
  readonly gateway: TestGateway;
  readonly random: () => number;
}

const start = async (durability: 'settle' | 'intent'): Promise<Stack> => {
  const random = seededRandom(SEED);
  const ledger = keep(await startTestLedger());
  const upstream = keep(await startMcpUpstream());
  // Calls that take some time, so that a kill meets some between their phases.
  upstream.answerWith((call, outgoing, incoming) => {
    void pause(random() * 15).then(() => answerPlainly(call, outgoing, incoming));
  });
  const prefix = makePrefix();
  const server = keep(new UnmanagedServer(prefix));
  await server.start();
  const metering = {
    ...{ url: ledger.url, token: 'node-credential-0123456789', node_id: 'gw-kill' },
    ...{ durability, settle_timeout_seconds: 1 },
  };
  const declarative = {
    services: [service({ url: upstream.url, plugins: [keyAuth, governance(['search_orders'], { metering }), guard] })],
    consumers,
  };
  const gateway = keep(await startTestGateway({ prefix, declarative, pluginServer: server.options }));
  return { ledger, upstream, server, gateway, random };
};

interface Traffic {
  /** JSON-RPC ids of calls that the client saw answered. */
  readonly served: ReadonlySet<number>;
  stop(): Promise<void>;
}

/** Calls with ids of their own from several connections; a fifth is of a tool that nobody may use. Nothing is sent again. */
const startTraffic = ({ gateway, random }: Stack): Traffic => {
  const served = new Set<number>();
  let next = 1;
  let isStopped = false;
  const connection = async (): Promise<void> => {
    while (!isStopped) {
      const id = next++;
      const answer = await callTool(gateway.proxyUrl, random() < 0.2 ? 'delete_order' : 'search_orders', { id });
      if (isServed(answer)) served.add(id);
      else if (answer.status !== 200) await pause(10);
    }
  };
  const connections = Array.from({ length: CONNECTIONS }, connection);
  return {
    served,
    stop: async () => {
      isStopped = true;
      await Promise.all(connections);
    },
  };
};

interface KillOptions {
  readonly traffic: Traffic;
  readonly kills: number;
  /** Calls that each plugin server answers at least before it is killed. */
  readonly callsBefore: number;
}

const killAgainAndAgain = async (
  { server, random }: Stack,
  { traffic, kills, callsBefore }: KillOptions,
): Promise<void> => {
  const isBusy = async (): Promise<void> => {
    const enough = traffic.served.size + callsBefore;
    await waitFor(() => (traffic.served.size >= enough ? true : undefined));
  };
  for (let kill = 0; kill < kills; kill += 1) {
    await Promise.all([server.prepareNext(), isBusy()]);
    await pause(random() * 100);
    await server.killAndReplace();
  }
  await isBusy();
};

const countById = (events: Iterable<InvocationEvent>): ReadonlyMap<unknown, number> => {
  const counts = new Map<unknown, number>();
  for (const { data } of events) counts.set(data.jsonRpcId, (counts.get(data.jsonRpcId) ?? 0) + 1);
  return counts;
};

const executedIds = ({ upstream }: Stack): readonly number[] =>
  upstream.received.filter(({ tool }) => tool !== undefined).map(({ id }) => Number(id));

/** Sequences that the ledger has not seen, of each epoch up to its highest. */
const gapsOf = ({ ledger }: Stack): readonly string[] => {
  const byEpoch = new Map<string, Set<number>>();
  for (const seen of ledger.sequences) {
    const [epoch = '', sequence = ''] = seen.split(' ');
    byEpoch.set(epoch, (byEpoch.get(epoch) ?? new Set()).add(Number(sequence)));
  }
  return [...byEpoch].flatMap(([epoch, seen]) =>
    Array.from({ length: Math.max(...seen) }, (_, index) => index + 1)
      .filter((sequence) => !seen.has(sequence))
      .map((sequence) => `${epoch} ${sequence}`),
  );
};

describe(`the plugin server is killed with kill -9 at ${KILLS} random points under load (seed ${SEED})`, () => {
  it(
    'durability intent: every call that reached the server has exactly one record at the ledger',
    async () => {
      const stack = await start('intent');
      const { ledger, upstream } = stack;
      const traffic = startTraffic(stack);
      await killAgainAndAgain(stack, { traffic, kills: KILLS, callsBefore: 1 });
      await traffic.stop();
      const executed = executedIds(stack);
      // The last calls wait a second for an end that never came.
      await waitFor(() => {
        const known = countById(ledger.stored.values());
        return executed.every((id) => known.has(id)) ? true : undefined;
      });

      const known = countById(ledger.stored.values());
      expect(executed.filter((id) => known.get(id) !== 1)).toEqual([]);
      expect(new Set(executed).size).toBe(executed.length);
      expect(executed.length).toBeGreaterThan(KILLS * 3);
      expect(executed.length).toBeLessThanOrEqual(ledger.stored.size);
      expect([...traffic.served].filter((id) => known.get(id) !== 1)).toEqual([]);
      expect(upstream.callsOf('delete_order')).toBe(0);
      expect(gapsOf(stack)).toEqual([]);
      expect(new Set([...ledger.stored.values()].map(({ nodeepoch }) => nodeepoch)).size).toBeGreaterThan(KILLS / 2);
      const outcomes = new Set([...ledger.stored.values()].map(({ data }) => data.outcome));
      expect(outcomes).toContain('ok');
      expect(outcomes).toContain('refused');
    },
    RUN_MS,
  );
});

describe('durability settle', () => {
  const kills = 4;

  it(`${kills} kills lose only calls that were under way or had just ended, and double none`, async () => {
    const stack = await start('settle');
    const { ledger, gateway } = stack;
    const traffic = startTraffic(stack);
    await killAgainAndAgain(stack, { traffic, kills, callsBefore: 30 });
    await traffic.stop();
    // Records are shipped in order: when the last one is there, so are all that ever will be.
    const last = 1_000_000;
    expect(isServed(await callTool(gateway.proxyUrl, 'search_orders', { id: last }))).toBe(true);
    await waitFor(() => (countById(ledger.stored.values()).has(last) ? true : undefined));

    const known = countById(ledger.stored.values());
    const executed = executedIds(stack);
    const lost = executed.filter((id) => !known.has(id));
    expect(executed.filter((id) => (known.get(id) ?? 0) > 1)).toEqual([]);
    // Of each connection the call under way, and the one before whose record was not written yet.
    expect(lost.length).toBeLessThanOrEqual(kills * CONNECTIONS * 2);
    expect(executed.length - lost.length).toBeGreaterThan(kills * 3);
  });
});
