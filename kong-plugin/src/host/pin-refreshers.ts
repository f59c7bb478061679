import packageJson from '../../package.json' with { type: 'json' };
import type { PinRefreshSettings } from '../config/plugin-config.ts';
import type { Observe } from '../observability/observation.ts';
import { createMcpToolLister } from '../stores/mcp-tool-lister.ts';
import type { ComponentHealth } from './node-management.ts';
import type { PinLearner } from './pin-learner.ts';
import { PinRefresher } from './pin-refresher.ts';

interface Shared {
  readonly refresher: PinRefresher;
  users: number;
}

/** One refresher per server and settings, however many of Kong's workers and routes have an instance of the plugin. */
export class PinRefreshers {
  private readonly shared = new Map<string, Shared>();

  constructor(private readonly options: { readonly observe: Observe; readonly now: () => number }) {}

  /** Lists the server's tools from now on, until as many users have left as have come. */
  join(server: string, settings: PinRefreshSettings, learner: PinLearner): () => void {
    const key = JSON.stringify([server, settings]);
    const shared = this.shared.get(key) ?? this.start(key, { server, settings, learner });
    shared.users += 1;
    return () => {
      shared.users -= 1;
      if (shared.users > 0) return;
      shared.refresher.close();
      this.shared.delete(key);
    };
  }

  /** The first that cannot list speaks for all. */
  health(): ComponentHealth | undefined {
    const states = [...this.shared.values()].map(({ refresher }) => refresher.health());
    return states.find(({ ok }) => !ok) ?? states[0];
  }

  close(): void {
    for (const { refresher } of this.shared.values()) refresher.close();
    this.shared.clear();
  }

  private start(
    key: string,
    { server, settings, learner }: { server: string; settings: PinRefreshSettings; learner: PinLearner },
  ): Shared {
    const { url, credential, credentialHeader, seconds } = settings;
    const lister = createMcpToolLister({
      url,
      version: packageJson.version,
      ...(credential === undefined ? {} : { headers: { [credentialHeader]: credential } }),
    });
    const refresher = new PinRefresher({ server, lister, learner, seconds, ...this.options });
    const shared = { refresher, users: 0 };
    this.shared.set(key, shared);
    refresher.start();
    return shared;
  }
}
