import type { PluginConfig } from '../../config/plugin-config.ts';
import { readConfig } from '../../config/read-config.ts';
import type { Problem } from '../problem.ts';
import {
  consumerName,
  type KongConsumer,
  type KongFile,
  type KongPlugin,
  type KongRoute,
  type KongService,
} from './kong-file.ts';

/** Where an mcp-governance plugin sits; a route knows its service. */
export type Place =
  | { readonly kind: 'service'; readonly service: KongService }
  | { readonly kind: 'route'; readonly route: KongRoute; readonly service?: KongService }
  | { readonly kind: 'consumer'; readonly consumer: KongConsumer }
  | { readonly kind: 'global' };

/** One mcp-governance plugin whose configuration could be read. */
export interface GovernedPlace {
  readonly place: Place;
  readonly plugin: KongPlugin;
  readonly config: PluginConfig;
  /** Name of the server. */
  readonly server: string;
}

export const PLUGIN_NAME = 'mcp-governance';

export interface GovernedPlaces {
  readonly places: readonly GovernedPlace[];
  readonly problems: readonly Problem[];
}

/** Every enabled mcp-governance plugin of the file, read as the plugin itself reads it. */
export const findGovernedPlaces = (kong: KongFile): GovernedPlaces => {
  const places: GovernedPlace[] = [];
  const problems: Problem[] = [];
  for (const { place, plugin } of pluginPlaces(kong)) {
    if (plugin.name !== PLUGIN_NAME || !plugin.enabled) continue;
    const config = readConfig(plugin.config);
    if (config.ok) places.push({ place, plugin, config: config.value, server: config.value.server.server.name });
    else problems.push(...config.error.map((problem) => ({ ...problemAt(kong, { place, plugin }), problem })));
  }
  return { places, problems };
};

interface PluginPlace {
  readonly place: Place;
  readonly plugin: KongPlugin;
}

export const pluginPlaces = (kong: KongFile): readonly PluginPlace[] => {
  const at = (place: Place, plugins: readonly KongPlugin[]) => plugins.map((plugin) => ({ place, plugin }));
  return [
    ...kong.services.flatMap((service) => [
      ...at({ kind: 'service', service }, service.plugins),
      ...service.routes.flatMap((route) => at({ kind: 'route', route, service }, route.plugins)),
    ]),
    ...kong.routes.flatMap((route) => at({ kind: 'route', route }, route.plugins)),
    ...kong.consumers.flatMap((consumer) => at({ kind: 'consumer', consumer }, consumer.plugins)),
    ...at({ kind: 'global' }, kong.plugins),
  ];
};

export const describePlace = (place: Place): string => {
  switch (place.kind) {
    case 'service':
      return `service ${place.service.name}`;
    case 'route':
      return `route ${place.route.name}`;
    case 'consumer':
      return `consumer ${consumerName(place.consumer)}`;
    case 'global':
      return 'all services';
  }
};

export const problemAt = (kong: KongFile, { place, plugin }: PluginPlace): Pick<Problem, 'file' | 'line' | 'path'> => ({
  file: kong.file,
  path: `${describePlace(place)}, ${plugin.name}`,
  ...(plugin.line === undefined ? {} : { line: plugin.line }),
});
