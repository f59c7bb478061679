import type { HttpRequest } from '../http-request.ts';
import type { Reason } from '../reason.ts';
import type { Refusal } from '../refusal.ts';
import type { ServerConfig } from '../server-config.ts';

interface Origin {
  readonly scheme: string;
  readonly host: string;
  /** `*` in an entry of the list: any port. */
  readonly port: string;
}

/**
 * Keeps browsers out that were led here by another site (DNS rebinding, GHSA-w48q-cv73-mx4w). A browser always sends
 * `Origin`, so one that is present must be listed; other clients send none. `Host` must be listed when a list is given.
 */
export const checkOrigin = (
  request: HttpRequest,
  config: Pick<ServerConfig, 'hosts' | 'origins'>,
): Refusal | undefined => checkHost(request, config.hosts) ?? checkOriginHeader(request, config.origins);

const checkHost = (request: HttpRequest, allowed: readonly string[]): Refusal | undefined => {
  const [host, ...more] = request.headers.get('host') ?? [];
  if (more.length > 0) return refused('host_refused', 'Send exactly one Host header.');
  if (allowed.length === 0) return undefined;
  if (host === undefined || !allowed.some((entry) => matchesHost(entry, host)))
    return refused('host_refused', 'This server is not known under the name in the Host header.');
  return undefined;
};

const checkOriginHeader = (request: HttpRequest, allowed: readonly string[]): Refusal | undefined => {
  const [origin, ...more] = request.headers.get('origin') ?? [];
  if (more.length > 0) return refused('origin_refused', 'Send at most one Origin header.');
  if (origin === undefined || allowed.includes('*')) return undefined;
  const actual = parseOrigin(origin);
  if (actual === undefined || actual.port === '*' || !allowed.some((entry) => matchesOrigin(entry, actual)))
    return refused('origin_refused', 'This server may not be called from the site in the Origin header.');
  return undefined;
};

const refused = (reason: Reason, detail: string): Refusal => ({ reason, detail });

/** An entry without a port stands for any port. */
const matchesHost = (entry: string, host: string): boolean => {
  const wanted = parseAuthority(entry);
  const actual = parseAuthority(host);
  if (wanted === undefined || actual === undefined || actual.port === '*') return false;
  return (
    wanted.host === actual.host && (wanted.port === undefined || wanted.port === '*' || wanted.port === actual.port)
  );
};

const matchesOrigin = (entry: string, actual: Origin): boolean => {
  const wanted = parseOrigin(entry);
  return (
    wanted !== undefined &&
    wanted.scheme === actual.scheme &&
    wanted.host === actual.host &&
    (wanted.port === '*' || wanted.port === actual.port)
  );
};

const defaultPorts: ReadonlyMap<string, string> = new Map([
  ['http', '80'],
  ['https', '443'],
]);

/** Undefined for `null`, a path, a user name, a list: anything that is not one origin. */
const parseOrigin = (text: string): Origin | undefined => {
  const [, scheme, authority] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.+)$/.exec(text) ?? [];
  const parsed = authority === undefined ? undefined : parseAuthority(authority);
  if (scheme === undefined || parsed === undefined) return undefined;
  const known = scheme.toLowerCase();
  return { scheme: known, host: parsed.host, port: parsed.port ?? defaultPorts.get(known) ?? '' };
};

const parseAuthority = (text: string): { readonly host: string; readonly port: string | undefined } | undefined => {
  const [, host, port] = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}|\*))?$/.exec(text) ?? [];
  return host === undefined ? undefined : { host: host.toLowerCase(), port };
};
