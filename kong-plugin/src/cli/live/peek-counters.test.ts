import { afterEach, describe, expect, it } from 'vitest';
import { demandOf, noon } from '../../domain/limits/testing/fixtures.ts';
import { failure } from '../../domain/result.ts';
import { startManagementServer, type ManagementServer } from '../../management/start-management-server.ts';
import { createMemoryCounterStore } from '../../stores/memory-counter-store.ts';
import { MemoryPinStore } from '../../stores/memory-pin-store.ts';
import { createRedisCounterStore } from '../../stores/redis-counter-store.ts';
import { freePort } from '../../stores/testing/free-port.ts';
import { hasRedisServer, startRedisServer } from '../../stores/testing/redis-server.ts';
import { nameOfSource } from './counter-source.ts';
import { peekCounters } from './peek-counters.ts';

const token = 'a-token-of-forty-characters-0123456789ab';
const now = Date.now();
const demand = demandOf({ startsAt: now, endsAt: now + 3_600_000, window: 'hour' });
const servers: ManagementServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const startNode = async (): Promise<string> => {
  const counters = createMemoryCounterStore();
  await counters.take('a call', [{ ...demand, cost: 4 }], now);
  const started = await startManagementServer({
    port: 0,
    token,
    pins: new MemoryPinStore(),
    readiness: () => ({ ready: true, components: {} }),
    metrics: () => ({ contentType: 'text/plain', body: '' }),
    peek: (demands, at) => counters.peek(demands, at),
    limitsLeft: async () => failure({ reason: 'unknown_server' }),
  });
  if (!started.ok) throw new Error(started.error);
  servers.push(started.value);
  return started.value.url;
};

describe('peekCounters', () => {
  it('asks a node for counters that only its memory has', async () => {
    const url = await startNode();
    expect(await peekCounters({ kind: 'node', url, token }, [demand], now)).toMatchObject({
      ok: true,
      value: { granted: true, states: [{ used: 4, remaining: 6 }] },
    });
  });

  it('says when the node does not accept the token', async () => {
    const url = await startNode();
    const answer = await peekCounters({ kind: 'node', url, token: 'wrong' }, [demand], now);
    expect(answer).toEqual({ ok: false, error: `the node at ${url} does not accept the token` });
  });

  it.skipIf(!hasRedisServer)('asks Redis', async () => {
    const redis = await startRedisServer();
    const store = createRedisCounterStore({ urls: [redis.url], deadlineMs: 30_000 });
    try {
      await store.take('a call', [{ ...demand, cost: 7 }], now);
      expect(await peekCounters({ kind: 'redis', url: redis.url }, [demand], now)).toMatchObject({
        ok: true,
        value: { states: [{ used: 7, remaining: 3 }] },
      });
    } finally {
      await store.close();
      await redis.close();
    }
  });

  it('names the address and the reason, never the password, when nobody answers', async () => {
    const url = `redis://user:secret@127.0.0.1:${await freePort()}`;
    const answer = await peekCounters({ kind: 'redis', url }, [demand], noon);
    expect(answer).toEqual({ ok: false, error: expect.stringContaining(nameOfSource({ kind: 'redis', url })) });
    expect(JSON.stringify(answer)).not.toContain('secret');
  });
});
