import packageJson from '../../package.json' with { type: 'json' };
import { configFields } from '../config/fields.ts';
import { readConfig } from '../config/read-config.ts';
import { GovernancePlugin } from './governance-plugin.ts';
import type { Kong } from './kong.ts';
import type { PluginResources } from './plugin-resources.ts';

/** Before rate-limiting (910) would be too early to know the tool; after every auth plugin and acl (950). */
export const PRIORITY = 850;

/** The plugin in the form that kong-pdk loads. A configuration that cannot be read throws: Kong then answers 500. */
export const createPluginModule = (resources: PluginResources) => {
  class Plugin {
    static shutdown = (): Promise<void> => resources.close();

    private readonly plugin: GovernancePlugin;

    constructor(raw: unknown) {
      const config = readConfig(raw);
      if (!config.ok) throw new Error(`mcp-governance is misconfigured: ${config.error.join('; ')}`);
      this.plugin = new GovernancePlugin(config.value, resources);
    }

    access(kong: Kong): Promise<void> {
      return this.plugin.access(kong);
    }

    response(kong: Kong): Promise<void> {
      return this.plugin.response(kong);
    }

    log(kong: Kong): Promise<void> {
      return this.plugin.log(kong);
    }

    close(): void {
      this.plugin.close();
    }
  }
  return { Name: 'mcp-governance', Version: packageJson.version, Priority: PRIORITY, Schema: configFields, Plugin };
};
