import type { Observe } from '../observability/observation.ts';
import type { ToolLister } from '../ports/tool-lister.ts';
import type { ComponentHealth } from './node-management.ts';
import type { PinLearner } from './pin-learner.ts';

export interface PinRefresherOptions {
  readonly server: string;
  readonly lister: ToolLister;
  readonly learner: PinLearner;
  readonly seconds: number;
  readonly observe: Observe;
  readonly now: () => number;
}

/** Who asks, for the catalog: the gateway's own view of the server. No caller's key begins with a letter. */
const GATEWAY = 'gateway';

/**
 * Lists a server's tools every so often, so that a changed one does not stay callable until some client fetches a list. A
 * list that fails changes nothing: what is known of the tools stays as it is, and the operator is told.
 */
export class PinRefresher {
  private timer: NodeJS.Timeout | undefined;
  private problem: string | undefined;
  private isClosed = false;

  constructor(private readonly options: PinRefresherOptions) {}

  /** The first list at once, the others `seconds` after the one before has ended. */
  start(): void {
    void this.refresh();
  }

  health(): ComponentHealth {
    return this.problem === undefined
      ? { ok: true }
      : { ok: false, why: `the tools of ${this.options.server} cannot be listed: ${this.problem}` };
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  /** Public for tests. */
  async refresh(): Promise<void> {
    const { server, lister, learner, observe, now, seconds } = this.options;
    const pages = await lister.list();
    if (this.isClosed) return;
    const listedAt = now();
    for (const page of pages.ok ? pages.value : []) learner.see({ ...page, caller: GATEWAY }, listedAt);
    this.problem = pages.ok ? undefined : pages.error;
    observe(
      pages.ok
        ? { kind: 'pins_listed', server, ok: true }
        : { kind: 'pins_listed', server, ok: false, why: pages.error },
    );
    this.timer = setTimeout(() => void this.refresh(), seconds * 1_000);
    this.timer.unref();
  }
}
