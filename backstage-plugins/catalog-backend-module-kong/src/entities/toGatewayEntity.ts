import type { Entity } from '@backstage/catalog-model';
import { annotations } from '../annotations';
import type { KongProviderSettings } from '../config/KongProviderSettings';
import { entityName } from './entityName';

/** Name of the resource that stands for a Kong. */
export const gatewayName = (id: string): string => entityName(`kong-${id}`);

/** The Kong itself, as the resource that all of its APIs depend on. */
export const toGatewayEntity = (settings: KongProviderSettings): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Resource',
  metadata: {
    namespace: settings.namespace,
    name: gatewayName(settings.id),
    title: `Kong ${settings.id}`,
    description: 'The gateway that governs, meters and bills the calls of these APIs.',
    annotations: {
      'backstage.io/managed-by-location': `kong:${settings.id}`,
      'backstage.io/managed-by-origin-location': `kong:${settings.id}`,
      [annotations.instance]: settings.id,
      [annotations.state]: 'ok',
    },
    links: [{ url: settings.gatewayUrl, title: 'Proxy' }],
  },
  spec: { type: 'api-gateway', owner: settings.defaultOwner },
});
