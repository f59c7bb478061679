import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import { InMemoryEventStore } from './in-memory-event-store.ts';

const message = (id: number): JSONRPCMessage => ({ jsonrpc: '2.0', id, result: {} });
// The SDK stores an empty object to get an id for its priming event.
const priming = {} as JSONRPCMessage;

async function replay(store: InMemoryEventStore, after: string): Promise<readonly JSONRPCMessage[]> {
  const sent: JSONRPCMessage[] = [];
  await store.replayEventsAfter(after, {
    send: (_id, event) => {
      sent.push(event);
      return Promise.resolve();
    },
  });
  return sent;
}

describe('InMemoryEventStore', () => {
  it('replays what came later on the same stream, and nothing of another stream', async () => {
    const store = new InMemoryEventStore();
    const first = await store.storeEvent('a', priming);
    await store.storeEvent('b', message(1));
    await store.storeEvent('a', message(2));
    await store.storeEvent('a', message(3));
    expect(await replay(store, first)).toEqual([message(2), message(3)]);
  });

  it('does not replay a priming event', async () => {
    const store = new InMemoryEventStore();
    const first = await store.storeEvent('a', message(1));
    await store.storeEvent('a', priming);
    expect(await replay(store, first)).toEqual([]);
  });

  it('refuses an id that it never gave out, and one that is more than 1000 events old', async () => {
    const store = new InMemoryEventStore();
    const first = await store.storeEvent('a', message(0));
    for (let id = 1; id <= 1_000; id += 1) await store.storeEvent('a', message(id));
    await expect(replay(store, first)).rejects.toThrow('not kept');
    await expect(replay(store, 'a_99999')).rejects.toThrow('not kept');
    expect(await store.getStreamIdForEventId(first)).toBeUndefined();
  });
});
