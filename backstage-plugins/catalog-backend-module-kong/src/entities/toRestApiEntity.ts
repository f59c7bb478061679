import type { Entity } from '@backstage/catalog-model';
import type { KongProviderSettings } from '../config/KongProviderSettings';
import type { ApiDocument } from '../documents/ApiDocument';
import { throughGateway } from '../documents/throughGateway';
import type { KongService } from '../kong/KongService';
import { publicUrls, type PublicUrl } from '../kong/publicUrls';
import { describeService } from './describeService';
import type { ObservedState } from './Observation';

export interface FoundDocument extends ApiDocument {
  /**
   * Where its paths begin. `service`: below what Kong cuts off; `gateway`: below `path_prefix` of the plugin's configuration;
   * `entity`: it is what the entity showed last, with the gateway in it already.
   */
  readonly base: 'service' | 'gateway' | 'entity';
}

export interface ObservedDocument {
  readonly found: FoundDocument;
  readonly state: ObservedState;
}

/** `kind: API, spec.type: openapi`, with the gateway as the only server of the document. */
export const toRestApiEntity = (
  service: KongService,
  settings: KongProviderSettings,
  { found, state }: ObservedDocument,
): Entity => {
  const urls = publicUrls(service, settings.gatewayUrl);
  const { document, operationNames, title, description, base } = found;
  const { metadata, spec } = describeService(service, settings, {
    title,
    description: description ?? `REST API ${service.name} behind Kong`,
    state,
    link: urls[0]?.url,
  });
  const definition =
    base === 'entity'
      ? document
      : throughGateway(document, {
          urls: serverUrls(urls, { base, prefix: service.governance?.rest.pathPrefix ?? '' }),
          keyHeader: service.keyHeader,
        });
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'API',
    metadata,
    spec: {
      type: 'openapi',
      ...spec,
      definition: JSON.stringify(definition, undefined, 2),
      toolCount: operationNames.length,
      toolNames: [...operationNames],
    },
  };
};

const serverUrls = (
  urls: readonly PublicUrl[],
  { base, prefix }: { readonly base: 'service' | 'gateway'; readonly prefix: string },
): readonly string[] => [
  ...new Set(
    urls.map(({ url, stripped }) => {
      const { origin } = new URL(url);
      if (base === 'gateway') return `${origin}${prefix}`;
      return stripped === '' ? origin : url;
    }),
  ),
];
