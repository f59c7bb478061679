import packageJson from '../../package.json' with { type: 'json' };
import { configFields } from '../config/fields.ts';
import { readConfig } from '../config/read-config.ts';
import { GovernancePlugin } from './governance-plugin.ts';
import type { Judgement } from './guard-protocol.ts';
import type { Kong } from './kong.ts';
import type { PluginResources } from './plugin-resources.ts';
import { readToldOutcome, type ToldOutcome } from './read-told-outcome.ts';
import type { ToldFacts } from './read-guard-facts.ts';

/** Before rate-limiting (910) would be too early to know the tool; after every auth plugin and acl (950). */
export const PRIORITY = 850;

export interface PluginModuleOptions {
  /**
   * Whether Kong calls the plugin after each request. Only a post-function needs that: mcp-guard delivers outcomes itself,
   * and a log phase costs as much as the decision.
   */
  readonly hasLogPhase: boolean;
}

/** The plugin in the form that kong-pdk loads. A configuration that cannot be read throws: Kong then answers 500. */
export const createPluginModule = (resources: PluginResources, { hasLogPhase }: PluginModuleOptions) => {
  class Plugin {
    static shutdown = (): Promise<void> => resources.close();

    protected readonly plugin: GovernancePlugin;

    constructor(raw: unknown) {
      const config = readConfig(raw);
      if (!config.ok) throw new Error(`mcp-governance is misconfigured: ${config.error.join('; ')}`);
      if (config.value.guard === 'post-function' && !hasLogPhase) throw new Error(noLogPhase);
      this.plugin = new GovernancePlugin(config.value, resources);
    }

    access(kong: Kong): Promise<void> {
      return this.plugin.access(kong);
    }

    response(kong: Kong): Promise<void> {
      return this.plugin.response(kong);
    }

    judge(request: ToldFacts): Promise<Judgement> {
      return this.plugin.judge(request);
    }

    conclude(told: ToldOutcome): Promise<void> {
      return this.plugin.conclude(readToldOutcome(told));
    }

    close(): void {
      this.plugin.close();
    }
  }
  class PluginWithLogPhase extends Plugin {
    log(kong: Kong): Promise<void> {
      return this.plugin.log(kong);
    }
  }
  return {
    Name: 'mcp-governance',
    Version: packageJson.version,
    Priority: PRIORITY,
    Schema: configFields,
    Plugin: hasLogPhase ? PluginWithLogPhase : Plugin,
  };
};

const noLogPhase =
  'mcp-governance is misconfigured: guard: "post-function" needs Kong to call the plugin after each request. Add --log-phase to the start_cmd and the query_cmd of the plugin server.';
