import type { Instance } from 'kong-pdk/lib/mod.js';
import type { Logger } from './logger.ts';
import { describeError } from './describe-error.ts';

interface Tracked {
  readonly instance: Instance;
  readonly redact: (text: string) => string;
  openEvents: number;
  closing: boolean;
}

/**
 * Knows when the plugin object of an instance may be closed. At a configuration reload Kong closes the old instance while
 * other requests are in the middle of it; closing it under them would refuse them all.
 */
export class InstanceRegistry {
  private readonly tracked = new Map<number, Tracked>();
  private readonly logger: Logger;

  constructor(logger: Logger) {
    this.logger = logger;
  }

  add(id: number, instance: Instance, redact: (text: string) => string): void {
    this.tracked.set(id, { instance, redact, openEvents: 0, closing: false });
  }

  opened(id: number): void {
    const tracked = this.tracked.get(id);
    if (tracked !== undefined) tracked.openEvents += 1;
  }

  finished(id: number): void {
    const tracked = this.tracked.get(id);
    if (tracked === undefined) return;
    tracked.openEvents -= 1;
    if (tracked.closing && tracked.openEvents === 0) void this.dispose(id, tracked);
  }

  close(id: number): void {
    const tracked = this.tracked.get(id);
    if (tracked === undefined) return;
    tracked.closing = true;
    if (tracked.openEvents === 0) void this.dispose(id, tracked);
  }

  /** Closes every plugin object, whatever is still open: the process ends. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.tracked].map(([id, tracked]) => this.dispose(id, tracked)));
  }

  redactorOf(id: number): ((text: string) => string) | undefined {
    return this.tracked.get(id)?.redact;
  }

  private async dispose(id: number, { instance, redact }: Tracked): Promise<void> {
    this.tracked.delete(id);
    try {
      await instance.cls.close?.();
    } catch (error) {
      this.logger.error('close() of a plugin instance failed', { instance: id, ...describeError(error, redact) });
    }
  }
}
