import type { JsonRecord } from '../json';
import { recordAt } from '../json';

export interface Entrance {
  /** Addresses at the gateway. */
  readonly urls: readonly string[];
  /** Header that carries the API key. */
  readonly keyHeader: string | undefined;
}

/**
 * The document with the gateway as its only server and the key that Kong wants, so that whoever tries an operation from
 * the catalog is governed like everybody else.
 */
export const throughGateway = (document: JsonRecord, entrance: Entrance): JsonRecord =>
  document.swagger === '2.0' ? swagger2(document, entrance) : openapi3(document, entrance);

const SCHEME = 'gatewayKey';

const openapi3 = (document: JsonRecord, { urls, keyHeader }: Entrance): JsonRecord => {
  const components = recordAt(document, 'components');
  const withServers = { ...document, servers: urls.map((url) => ({ url })) };
  if (keyHeader === undefined) return withServers;
  return {
    ...withServers,
    components: {
      ...components,
      securitySchemes: { ...recordAt(components, 'securitySchemes'), [SCHEME]: keyScheme(keyHeader) },
    },
    security: [{ [SCHEME]: [] }],
  };
};

const swagger2 = (document: JsonRecord, { urls, keyHeader }: Entrance): JsonRecord => {
  const [url] = urls;
  const { host: _host, basePath: _basePath, schemes: _schemes, ...rest } = document;
  const gateway = url === undefined ? undefined : new URL(url);
  const withServer = {
    ...rest,
    ...(gateway === undefined
      ? {}
      : { host: gateway.host, basePath: gateway.pathname, schemes: [gateway.protocol.replace(':', '')] }),
  };
  if (keyHeader === undefined) return withServer;
  return {
    ...withServer,
    securityDefinitions: { ...recordAt(document, 'securityDefinitions'), [SCHEME]: keyScheme(keyHeader) },
    security: [{ [SCHEME]: [] }],
  };
};

const keyScheme = (name: string) => ({ type: 'apiKey', in: 'header', name });
