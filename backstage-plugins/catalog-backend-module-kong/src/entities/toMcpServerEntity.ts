import type { Entity } from '@backstage/catalog-model';
import type { KongProviderSettings } from '../config/KongProviderSettings';
import type { KongService } from '../kong/KongService';
import { publicUrls } from '../kong/publicUrls';
import type { ServerTools } from '../servers/ServerTools';
import { describeService } from './describeService';
import { stateOf, type Observation } from './Observation';

/**
 * `kind: API, spec.type: mcp-server`. Names and a count of the tools are enough to search by; their schemas are served live
 * and would make the catalog heavy.
 */
export const toMcpServerEntity = (
  service: KongService,
  settings: KongProviderSettings,
  observed: Observation<ServerTools>,
): Entity => {
  const urls = publicUrls(service, settings.gatewayUrl);
  const tools = observed.state === 'unknown' ? undefined : observed.value;
  const { metadata, spec } = describeService(service, settings, {
    title: tools?.serverInfo.title,
    description: `MCP server ${tools?.serverInfo.name ?? service.name} behind Kong`,
    state: stateOf(observed),
    link: undefined,
  });
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'API',
    metadata,
    spec: {
      type: 'mcp-server',
      ...spec,
      remotes: urls.map(({ url }) => ({ type: 'streamable-http', url })),
      ...(tools === undefined
        ? {}
        : {
            toolCount: tools.toolNames.length,
            toolNames: [...tools.toolNames],
            serverInfo: { ...tools.serverInfo },
            protocolEra: tools.era,
          }),
    },
  };
};
