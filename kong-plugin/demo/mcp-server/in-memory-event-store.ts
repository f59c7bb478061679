import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server';

interface StoredEvent {
  readonly id: string;
  readonly streamId: string;
  readonly message: JSONRPCMessage;
}

/** One session's answers, so that a client can come back for them with `Last-Event-ID`. Enough for a demo session. */
const KEPT_EVENTS = 1_000;

export class InMemoryEventStore implements EventStore {
  readonly #events: StoredEvent[] = [];
  #nextNumber = 1;

  storeEvent(streamId: string, message: JSONRPCMessage): Promise<string> {
    const id = `${streamId}_${this.#nextNumber}`;
    this.#nextNumber += 1;
    this.#events.push({ id, streamId, message });
    if (this.#events.length > KEPT_EVENTS) this.#events.splice(0, KEPT_EVENTS / 2);
    return Promise.resolve(id);
  }

  getStreamIdForEventId(eventId: string): Promise<string | undefined> {
    return Promise.resolve(this.#events.find((event) => event.id === eventId)?.streamId);
  }

  async replayEventsAfter(
    lastEventId: string,
    { send }: { send: (eventId: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const position = this.#events.findIndex((event) => event.id === lastEventId);
    const last = this.#events[position];
    if (last === undefined) throw new Error('This event is not kept any more.');
    for (const event of this.#events.slice(position + 1)) {
      // A priming event is an empty object: it opens a stream and carries nothing.
      if (event.streamId === last.streamId && 'jsonrpc' in event.message) await send(event.id, event.message);
    }
    return last.streamId;
  }
}
