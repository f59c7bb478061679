import type { Demand } from '../domain/limits/limit-rule.ts';

/**
 * The guard sends the end of a call with a place at once (`delivery.lua`). Kong 3.9.1 with 4 workers and a limit of 1: of
 * calls one after the other, each on a connection of its own, 16 of 400 were refused without a wait, 0 of 1,000 with it.
 */
const WAIT_MS = 20;
/** Each asks the store once more after its wait: 100 make at most 5,000 takes a second, as many as a busy node's calls. */
const MAX_WAITING = 100;

interface WaitingRoomOptions {
  readonly maxWaiting?: number;
  readonly pause?: (milliseconds: number) => Promise<void>;
}

/**
 * Calls that wait a moment, once, for a place of their concurrency limits. Of one counter no more wait than it has places:
 * a client that keeps to the limit never needs more, and one that floods it holds up nobody else.
 */
export class WaitingRoom {
  private readonly perCounter = new Map<string, number>();
  private readonly maxWaiting: number;
  private readonly pause: (milliseconds: number) => Promise<void>;
  private total = 0;

  constructor({ maxWaiting = MAX_WAITING, pause = pauseByTimer }: WaitingRoomOptions = {}) {
    this.maxWaiting = maxWaiting;
    this.pause = pause;
  }

  /** Says whether it waited: at once no when the room is full. */
  async wait(places: readonly Demand[]): Promise<boolean> {
    if (!this.hasRoomFor(places)) return false;
    this.add(places, 1);
    try {
      await this.pause(WAIT_MS);
    } finally {
      this.add(places, -1);
    }
    return true;
  }

  private hasRoomFor(places: readonly Demand[]): boolean {
    return this.total < this.maxWaiting && places.every(({ key, limit }) => (this.perCounter.get(key) ?? 0) < limit);
  }

  private add(places: readonly Demand[], change: 1 | -1): void {
    this.total += change;
    for (const { key } of places) {
      const waiting = (this.perCounter.get(key) ?? 0) + change;
      if (waiting === 0) this.perCounter.delete(key);
      else this.perCounter.set(key, waiting);
    }
  }
}

const pauseByTimer = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** One for all governed servers of the process, because they share its timers and its store. */
export const waitingRoom = new WaitingRoom();
