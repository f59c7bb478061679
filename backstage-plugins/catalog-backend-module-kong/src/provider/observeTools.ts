import type { Entity } from '@backstage/catalog-model';
import type { KongProviderSettings } from '../config/KongProviderSettings';
import type { Observation } from '../entities/Observation';
import type { KongService } from '../kong/KongService';
import { publicUrls } from '../kong/publicUrls';
import { listServerTools } from '../servers/listServerTools';
import type { ServerTools } from '../servers/ServerTools';
import { lastSeenTools } from './lastSeen';

/** The tools of a live server, or those that its entity showed last. */
export const observeTools = async (
  service: KongService,
  settings: KongProviderSettings,
  previous: () => Promise<Entity | undefined>,
): Promise<Observation<ServerTools>> => {
  const url = toolsUrl(service, settings);
  const told = settings.services.get(service.name)?.tools;
  const tools =
    url === undefined
      ? ({ ok: false, error: 'has no route with a plain path' } as const)
      : await listServerTools(url, {
          headers: { ...settings.tools.headers, ...told?.headers },
          timeoutSeconds: settings.timeoutSeconds,
        });
  if (tools.ok) return { state: 'ok', value: tools.value };
  const value = lastSeenTools(await previous());
  const reason = `The MCP server ${tools.error}`;
  return value === undefined
    ? { state: 'unknown', reason: `${reason}; its tools are not known yet.` }
    : { state: 'stale', value, reason: `${reason}; its tools are those seen last.` };
};

const toolsUrl = (service: KongService, settings: KongProviderSettings): string | undefined =>
  settings.services.get(service.name)?.tools?.url ??
  (settings.tools.through === 'upstream' ? service.upstreamUrl : publicUrls(service, settings.gatewayUrl)[0]?.url);
