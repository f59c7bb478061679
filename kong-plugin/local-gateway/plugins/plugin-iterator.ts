import { DEFAULT_WORKSPACE_ID, type Plugin } from '../declarative-config/entities.ts';
import { withoutNulls } from '../declarative-config/process-fields.ts';
import type { PluginSchema } from '../declarative-config/plugin-schema.ts';
import { resolveReferences, type Environment } from '../declarative-config/vault-references.ts';
import type { RequestState } from '../proxy/request-state.ts';
import type { LuaData } from '../shared/lua-data.ts';
import type { PluginConfig } from '../shared/plugin-config.ts';

export interface PluginIteratorOptions {
  readonly schemas: ReadonlyMap<string, PluginSchema>;
  readonly environment: Environment;
  /** Counts over the life of the gateway: an instance in the plugin server belongs to one number. */
  readonly nextSequence: () => number;
}

/** Which configuration of a plugin applies to a request: of the narrowest scope (kong/runloop/plugins_iterator.lua). */
export class PluginIterator {
  private readonly configs = new Map<string, Map<string, PluginConfig>>();

  constructor(plugins: readonly Plugin[], options: PluginIteratorOptions) {
    for (const plugin of plugins.filter(({ enabled }) => enabled)) {
      const scopes = this.configs.get(plugin.name) ?? new Map<string, PluginConfig>();
      scopes.set(scopeKey(plugin.route?.id, plugin.service?.id, plugin.consumer?.id), toConfig(plugin, options));
      this.configs.set(plugin.name, scopes);
    }
  }

  configFor(name: string, request: RequestState): PluginConfig | undefined {
    const scopes = this.configs.get(name);
    if (scopes === undefined) return undefined;
    const [route, service, consumer] = [request.route?.id, request.service?.id, request.consumer?.id];
    for (const key of candidates(route, service, consumer)) {
      const config = scopes.get(key);
      if (config !== undefined) return config;
    }
    return undefined;
  }

  globalConfig(name: string): PluginConfig | undefined {
    return this.configs.get(name)?.get(scopeKey());
  }

  configsOf(name: string): readonly PluginConfig[] | undefined {
    const scopes = this.configs.get(name);
    return scopes === undefined ? undefined : [...scopes.values()];
  }
}

const scopeKey = (route = '', service = '', consumer = ''): string => `${route}:${service}:${consumer}`;

/** In Kong's order of precedence. */
const candidates = (route?: string, service?: string, consumer?: string): readonly string[] => [
  scopeKey(route, service, consumer),
  scopeKey(route, '', consumer),
  scopeKey('', service, consumer),
  scopeKey(route, service),
  scopeKey('', '', consumer),
  scopeKey(route),
  scopeKey('', service),
  scopeKey(),
];

const toConfig = (plugin: Plugin, options: PluginIteratorOptions): PluginConfig => {
  const field = options.schemas.get(plugin.name)?.config ?? { type: 'record', fields: [] };
  const config = withoutNulls(resolveReferences(field, plugin.config, options.environment)) as Record<string, LuaData>;
  const scope = [plugin.route?.id ?? '', plugin.service?.id ?? '', plugin.consumer?.id ?? ''];
  return {
    ...config,
    ...(plugin.route === null ? {} : { route_id: plugin.route.id }),
    ...(plugin.service === null ? {} : { service_id: plugin.service.id }),
    ...(plugin.consumer === null ? {} : { consumer_id: plugin.consumer.id }),
    ...(plugin.instance_name === null ? {} : { plugin_instance_name: plugin.instance_name }),
    __plugin_id: plugin.id,
    __key__: `plugins:${plugin.name}:${scope.join(':')}::${DEFAULT_WORKSPACE_ID}`,
    __seq__: options.nextSequence(),
    __ws_id: DEFAULT_WORKSPACE_ID,
  };
};
