import { PinObserver, type ListPage } from '../domain/pins/pin-observer.ts';
import type { Observe } from '../observability/observation.ts';
import type { PinStore } from '../ports/pin-store.ts';

export interface PinLearnerOptions {
  readonly server: string;
  readonly pins: PinStore;
  readonly observe: Observe;
}

/** Hands what lists show to the catalog, whoever fetched them, and says which tools took another state. */
export class PinLearner {
  private readonly observer = new PinObserver();

  constructor(private readonly options: PinLearnerOptions) {}

  see(page: Omit<ListPage, 'server'>, now: number): void {
    const { server, pins, observe } = this.options;
    for (const { tool, state } of pins.observe(server, this.observer.see({ ...page, server }, now), now))
      observe({ kind: 'pin_changed', server, tool, state });
  }
}
