import type { KongRoute, KongService } from './KongService';

/** More addresses than a person would choose from. */
const MAX_URLS = 10;

export interface PublicUrl {
  readonly url: string;
  /** Path of the route that Kong cuts off before it asks the service; empty when it keeps it. */
  readonly stripped: string;
}

/** Where consumers reach the service: always the gateway, never the service itself. */
export const publicUrls = (service: KongService, gatewayUrl: string): readonly PublicUrl[] => {
  const found = service.routes.flatMap((route) => urlsOf(route, gatewayUrl));
  return [...new Map(found.map((each) => [each.url, each])).values()].slice(0, MAX_URLS);
};

const urlsOf = (route: KongRoute, gatewayUrl: string): readonly PublicUrl[] => {
  // A path that begins with ~ is a pattern, and so is a host with *: no address follows from them.
  const paths = route.paths.filter((path) => !path.startsWith('~'));
  const hosts = route.hosts.filter((host) => !host.includes('*'));
  if (route.paths.length > 0 && paths.length === 0) return [];
  const origins =
    route.hosts.length === 0 ? [gatewayUrl.replace(/\/$/, '')] : hosts.map((host) => atHost(host, gatewayUrl));
  return origins.flatMap((origin) =>
    (paths.length === 0 ? [''] : paths).map((path) => ({
      url: `${origin}${path === '/' ? '' : path}`,
      stripped: route.stripPath && path !== '/' ? path : '',
    })),
  );
};

const atHost = (host: string, gatewayUrl: string): string => {
  const { protocol, port } = new URL(gatewayUrl);
  return `${protocol}//${host.includes(':') || port === '' ? host : `${host}:${port}`}`;
};
