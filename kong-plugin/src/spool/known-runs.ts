import { isRunning } from './run-mark.ts';

/** Which runs have ended. One that has never comes back, so it is asked about until then. */
export class KnownRuns {
  private readonly ended = new Set<string>();
  private readonly running = new Set<string>();

  constructor(
    private readonly dir: string,
    private readonly own: string,
  ) {}

  /** Asks about every epoch that is not known to have ended. */
  async look(epochs: Iterable<string>): Promise<void> {
    this.running.clear();
    for (const epoch of new Set(epochs)) {
      if (epoch === this.own || this.ended.has(epoch)) continue;
      if (await isRunning(this.dir, epoch)) this.running.add(epoch);
      else this.ended.add(epoch);
    }
  }

  hasEnded(epoch: string): boolean {
    return this.ended.has(epoch);
  }

  /** The oldest run alone reads and ships: at a reload of Kong two plugin servers share the folder for a second or two. */
  isOldest(): boolean {
    return [...this.running].every((epoch) => epoch > this.own);
  }
}
