import type { PluginEvent } from './plugin-event.ts';

/**
 * Kong gives no sign when it drops an event (a Lua error, a timeout, a dead worker). It waits at most
 * `lua_socket_read_timeout` (60 s by default) for us, and never this long between two steps.
 */
export const ABANDONED_AFTER_MS = 10 * 60_000;

/** Below Kong's 60 s: past that Kong lets the request of a hanging handler pass. */
export const HANDLER_DEADLINE_MS = 50_000;

/** About 100 MB of abandoned events at the 1 KB measured for one; far above what Kong has open at once. */
export const MAXIMUM_EVENTS = 100_000;

export interface EventTableOptions {
  readonly firstId: number;
  readonly now: () => number;
  readonly maximumEvents?: number;
  /** The event is over for Kong, whatever the reason. */
  readonly onRemoved: (event: PluginEvent) => void;
}

interface Entry {
  readonly event: PluginEvent;
  touchedAt: number;
}

/** Open events by id, least recently touched first. */
export class EventTable {
  private readonly options: EventTableOptions;
  private readonly entries = new Map<number, Entry>();
  private nextId: number;

  constructor(options: EventTableOptions) {
    this.options = options;
    this.nextId = options.firstId;
  }

  get size(): number {
    return this.entries.size;
  }

  add(event: PluginEvent): number {
    const id = this.nextId;
    this.nextId += 1;
    this.entries.set(id, { event, touchedAt: this.options.now() });
    this.dropOldest();
    return id;
  }

  /** Finds an event because Kong spoke about it. */
  touch(id: number): PluginEvent | undefined {
    const entry = this.entries.get(id);
    if (entry === undefined) return undefined;
    entry.touchedAt = this.options.now();
    this.entries.delete(id);
    this.entries.set(id, entry);
    return entry.event;
  }

  remove(id: number): void {
    const entry = this.entries.get(id);
    if (entry === undefined) return;
    this.entries.delete(id);
    this.options.onRemoved(entry.event);
  }

  /** Forgets events whose Kong side vanished; returns those whose handler lets Kong wait for too long. */
  sweep(): readonly PluginEvent[] {
    const now = this.options.now();
    const late: PluginEvent[] = [];
    for (const [id, { event, touchedAt }] of this.entries) {
      if (now - touchedAt < HANDLER_DEADLINE_MS) break;
      if (event.owesKong) late.push(event);
      if (now - touchedAt >= ABANDONED_AFTER_MS) this.abandon(id, event);
    }
    return late;
  }

  abandon(id: number, event: PluginEvent): void {
    event.abandon();
    this.remove(id);
  }

  private dropOldest(): void {
    const maximum = this.options.maximumEvents ?? MAXIMUM_EVENTS;
    for (const [id, { event }] of this.entries) {
      if (this.entries.size <= maximum) return;
      this.abandon(id, event);
    }
  }
}
