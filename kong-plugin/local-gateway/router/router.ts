import type { Entities, Route, Service } from '../declarative-config/entities.ts';
import { compareRoutes, compileRoute, type CompiledRoute } from './compile-routes.ts';
import { splitPort } from './host-port.ts';
import { normalizePath } from './normalize-path.ts';
import { upstreamPath } from './upstream-path.ts';

export interface RouteRequest {
  readonly method: string;
  /** Request target as received, with its query. */
  readonly target: string;
  readonly host: string | undefined;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

export interface RouteMatch {
  readonly route: Route;
  readonly service: Service | undefined;
  /** Path for the upstream, decoded as the router left it; escape before sending. */
  readonly upstreamPath: string;
  /** Host header for the upstream when the route preserves it. */
  readonly upstreamHost: string | undefined;
  /** What `strip_path` removed. */
  readonly prefix: string | undefined;
  readonly captures: { readonly unnamed: readonly string[]; readonly named: Readonly<Record<string, string>> };
}

/** Kong's `traditional` router: routes that match on more things first, then by Kong's order. */
export class Router {
  private readonly routes: readonly CompiledRoute[];

  constructor(entities: Pick<Entities, 'routes' | 'services'>) {
    const services = new Map(entities.services.map((service) => [service.id, service]));
    this.routes = entities.routes
      .map((route) => ({ route, service: route.service === null ? undefined : services.get(route.service.id) }))
      // A disabled service takes its routes with it; a route without a service stays (503).
      .filter(({ service }) => service?.enabled !== false)
      .flatMap(({ route, service }) => compileRoute(route, service))
      .sort((left, right) => right.weight - left.weight || right.rules - left.rules || compareRoutes(left, right));
  }

  match(request: RouteRequest): RouteMatch | undefined {
    const path = normalizePath(pathOf(request.target));
    const host = request.host === undefined ? undefined : splitPort(request.host);
    for (const route of this.routes) {
      const found = matchRoute(route, request, path, host);
      if (found !== undefined) return toMatch(route, request, path, found);
    }
    return undefined;
  }
}

/** A `?` as first character belongs to the path (kong/router/utils.lua `strip_uri_args`). */
export const pathOf = (target: string): string => {
  const end = target.indexOf('?', 1);
  return end < 0 ? target : target.slice(0, end);
};

interface PathMatch {
  readonly prefix?: string;
  readonly postfix?: string;
  readonly unnamed: readonly string[];
  readonly named: Readonly<Record<string, string>>;
}

type Host = ReturnType<typeof splitPort>;

const matchRoute = (
  route: CompiledRoute,
  request: RouteRequest,
  path: string,
  host: Host | undefined,
): PathMatch | undefined => {
  if (route.hosts.length > 0 && !matchHost(route, request, host)) return undefined;
  if (!route.headers.every((header) => matchHeader(header, request.headers.get(header.name)))) return undefined;
  if (route.methods.size > 0 && !route.methods.has(request.method)) return undefined;
  return route.path === undefined ? { unnamed: [], named: {} } : matchPath(route.path, path);
};

const matchHost = (route: CompiledRoute, request: RouteRequest, host: Host | undefined): boolean =>
  host !== undefined &&
  route.hosts.some(({ value, wildcard }) =>
    wildcard === undefined
      ? value === request.host || value === host.withoutPort || value === host.withPort
      : wildcard.test(host.withPort),
  );

const matchHeader = (rule: CompiledRoute['headers'][number], values: readonly string[] | undefined): boolean =>
  values?.some((value) => rule.values.has(value.toLowerCase()) || rule.pattern?.test(value.toLowerCase()) === true) ===
  true;

const matchPath = (rule: NonNullable<CompiledRoute['path']>, path: string): PathMatch | undefined => {
  if (rule.regex === undefined) {
    if (!path.startsWith(rule.value)) return undefined;
    return { prefix: rule.value, postfix: withoutDots(path.slice(rule.value.length)), unnamed: [], named: {} };
  }
  const match = rule.regex.exec(path);
  if (match === null) return undefined;
  const { uri_postfix: postfix = '', ...named } = match.groups ?? {};
  return {
    prefix: path.slice(0, path.length - postfix.length),
    postfix: withoutDots(postfix),
    // The last group is the postfix itself.
    unnamed: match.slice(1, -1),
    named: { ...named },
  };
};

/** Stripping a prefix may leave a dot segment at the start (`/a` of `/a../b`). */
const withoutDots = (postfix: string): string => {
  if (postfix === '.' || postfix === '..') return '';
  if (postfix.startsWith('./')) return postfix.slice(2);
  return postfix.startsWith('../') ? postfix.slice(3) : postfix;
};

const toMatch = (compiled: CompiledRoute, request: RouteRequest, path: string, found: PathMatch): RouteMatch => {
  const { route, service } = compiled;
  return {
    route,
    service,
    upstreamPath: upstreamPath({
      base: service?.path ?? '/',
      path,
      postfix: found.postfix ?? path.slice(1),
      strip: route.strip_path,
      handling: route.path_handling,
    }),
    upstreamHost: route.preserve_host ? request.host : undefined,
    prefix: route.strip_path ? found.prefix : undefined,
    captures: { unnamed: found.unnamed, named: found.named },
  };
};
