import type { Route, Service } from '../declarative-config/entities.ts';

/** What a route matches on, strongest first: the weight of a category when two match on as many (router/traditional.lua). */
export const MATCH = { host: 0x40, header: 0x20, uri: 0x10, method: 0x08 } as const;

const HAS_REGEX_URI = 0x01;
const PLAIN_HOSTS_ONLY = 0x02;
const HAS_WILDCARD_HOST_PORT = 0x04;

export interface HostRule {
  readonly value: string;
  /** For `*.example.com` and `example.*`. */
  readonly wildcard?: RegExp;
}

export interface PathRule {
  readonly value: string;
  /** For `~/regex`, anchored at the start, with what follows in group `uri_postfix`. */
  readonly regex?: RegExp;
}

export interface HeaderRule {
  readonly name: string;
  readonly values: ReadonlySet<string>;
  /** For a single value `~*regex`. */
  readonly pattern?: RegExp;
}

/** A route with at most one path: Kong makes one of each path, so that the longest path wins across routes. */
export interface CompiledRoute {
  readonly route: Route;
  readonly service: Service | undefined;
  readonly rules: number;
  readonly weight: number;
  readonly subweight: number;
  readonly hosts: readonly HostRule[];
  readonly headers: readonly HeaderRule[];
  readonly path: PathRule | undefined;
  readonly methods: ReadonlySet<string>;
}

export const compileRoute = (route: Route, service: Service | undefined): readonly CompiledRoute[] => {
  const paths = route.paths ?? [];
  const variants = paths.length === 0 ? [undefined] : paths;
  return variants.map((path) => compileVariant(route, service, path));
};

const compileVariant = (route: Route, service: Service | undefined, path: string | undefined): CompiledRoute => {
  const hosts = (route.hosts ?? []).map(compileHost);
  const headers = Object.entries(route.headers ?? {}).map(([name, values]) => compileHeader(name, values));
  const methods = new Set((route.methods ?? []).map((method) => method.toUpperCase()));
  const pathRule = path === undefined ? undefined : compilePath(path);
  const parts = [
    hosts.length > 0 ? MATCH.host : 0,
    headers.length > 0 ? MATCH.header : 0,
    pathRule === undefined ? 0 : MATCH.uri,
    methods.size > 0 ? MATCH.method : 0,
  ];
  return {
    route,
    service,
    hosts,
    headers,
    methods,
    path: pathRule,
    rules: parts.reduce((sum, part) => sum | part, 0),
    weight: parts.filter((part) => part > 0).length,
    subweight: subweight(hosts, pathRule),
  };
};

const subweight = (hosts: readonly HostRule[], path: PathRule | undefined): number => {
  const hasWildcard = hosts.some((host) => host.wildcard !== undefined);
  const hasPort = hosts.some((host) => host.wildcard !== undefined && /:\d+$/.test(host.value));
  return (
    (path?.regex === undefined ? 0 : HAS_REGEX_URI) |
    (hosts.length > 0 && !hasWildcard ? PLAIN_HOSTS_ONLY : 0) |
    (hasPort ? HAS_WILDCARD_HOST_PORT : 0)
  );
};

const compileHost = (host: string): HostRule => {
  if (!host.includes('*')) return { value: host };
  const source = host.replaceAll('.', '\\.').replaceAll('*', '.+');
  return { value: host, wildcard: new RegExp(/:\d+$/.test(host) ? `^${source}$` : `^${source}(?::\\d+)?$`) };
};

const compilePath = (path: string): PathRule => {
  if (!path.startsWith('~')) return { value: path };
  const value = path.slice(1);
  return { value, regex: new RegExp(`^(?:${toJavaScript(value)})(?<uri_postfix>.*)`, 's') };
};

/** PCRE's `(?P<name>` is JavaScript's `(?<name>`. */
const toJavaScript = (source: string): string => source.replaceAll('(?P<', '(?<');

const compileHeader = (name: string, values: readonly string[]): HeaderRule => {
  const [first] = values;
  const pattern = values.length === 1 && first?.startsWith('~*') === true ? new RegExp(first.slice(2)) : undefined;
  return {
    name: name.toLowerCase(),
    values: new Set(values.map((value) => value.toLowerCase())),
    ...(pattern === undefined ? {} : { pattern }),
  };
};

/** Kong's order inside a category (`sort_routes`). */
export const compareRoutes = (left: CompiledRoute, right: CompiledRoute): number => {
  if (left.subweight !== right.subweight) return right.subweight - left.subweight;
  if (left.headers.length !== right.headers.length) return right.headers.length - left.headers.length;
  if ((left.subweight & HAS_REGEX_URI) !== 0 && left.route.regex_priority !== right.route.regex_priority)
    return right.route.regex_priority - left.route.regex_priority;
  const byLength = prefixLength(right) - prefixLength(left);
  return byLength !== 0 ? byLength : left.route.created_at - right.route.created_at;
};

const prefixLength = (route: CompiledRoute): number =>
  route.path?.regex === undefined ? (route.path?.value.length ?? 0) : 0;
