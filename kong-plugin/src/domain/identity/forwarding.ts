import { optionalFields } from '../defined-fields.ts';
import type { HttpRequest } from '../http-request.ts';
import { compilePattern, isExact, matchesPattern } from '../policies/pattern.ts';
import { rememberTexts } from '../remember-texts.ts';
import type { ForwardingOptions } from '../server-config.ts';

/** What is known about the identity headers in the request. */
export interface ForwardingState {
  /** Kong has a consumer, be it the anonymous one. */
  readonly hasConsumer: boolean;
  /** `x-consumer-groups` holds exactly the groups that the guard read from Kong. */
  readonly groupsHeaderVerified: boolean;
  /** With it, a header stays only when it says the same; without it, Kong's auth plugin is trusted to have set it. */
  readonly consumer?: { readonly id: string; readonly username?: string; readonly customId?: string };
  readonly credentialId?: string;
}

export interface Forwarding {
  /** Names as they stand in the request. */
  readonly clearHeaders: string[];
  /** The query without credentials; absent when it had none. */
  readonly query?: string;
}

/** Headers by which servers behind Kong know who calls; a client could send any of them. */
const identityPatterns = [
  'x-consumer-*',
  'x-credential-*',
  'x-anonymous-consumer',
  'x-authenticated-*',
  'x-mcp-governance-*',
  'x-tenant-id',
];

export type ForwardingOf = (request: HttpRequest, state: ForwardingState) => Forwarding;

/** What must not reach the server: the caller's credential, and identity that nobody proved. Compiled once a configuration. */
export const compileForwarding = (config: ForwardingOptions): ForwardingOf => {
  const isCredential = anyOf(config.credentialHeaders);
  const isIdentity = anyOf([...identityPatterns, ...config.identityHeaders]);
  const tellsOf = rememberTexts((name): 'credential' | 'identity' | 'nothing' => {
    const plain = dashed(name);
    if (isCredential(plain)) return 'credential';
    return isIdentity(plain) ? 'identity' : 'nothing';
  });
  const credentialParameters = new Set(config.credentialQuery);
  return (request, state) => {
    const clearHeaders: string[] = [];
    for (const [name, values] of request.headers) {
      const told = tellsOf(name);
      if (told === 'credential' || (told === 'identity' && !isProved(name, { values, state }))) clearHeaders.push(name);
    }
    const query = withoutParameters(request.query, credentialParameters);
    return optionalFields({ clearHeaders, query: query === request.query ? undefined : query });
  };
};

/** Exact names at once, patterns one by one. */
const anyOf = (names: readonly string[]): ((name: string) => boolean) => {
  const all = names.map((name) => compilePattern(dashed(name)));
  const exact = new Set(all.filter(isExact).map(({ prefix }) => prefix));
  const patterns = all.filter((pattern) => !isExact(pattern));
  return (name) => exact.has(name) || patterns.some((pattern) => matchesPattern(pattern, name));
};

/**
 * Kong runs with `underscores_in_headers on`, and many servers (CGI, WSGI, Rack) cannot tell `x_consumer_id` from
 * `x-consumer-id`: both spellings are meant.
 */
const dashed = (name: string): string => name.toLowerCase().replaceAll('_', '-');

/**
 * Kong's own auth plugins overwrite or clear these (kong/plugins/key-auth/handler.lua, set_consumer), always spelt with
 * dashes; other plugins may not. `x-anonymous-consumer` can only lower who sends it. `x-authenticated-groups` never
 * stays: nothing tells Kong's from a client's.
 */
const isProved = (
  name: string,
  { values, state }: { readonly values: readonly string[]; readonly state: ForwardingState },
): boolean => {
  const { consumer } = state;
  const says = (real: string | undefined): boolean =>
    state.hasConsumer && (consumer === undefined || (values.length === 1 && values[0] === real));
  switch (name) {
    case 'x-consumer-id':
      return says(consumer?.id);
    case 'x-consumer-username':
      return says(consumer?.username);
    case 'x-consumer-custom-id':
      return says(consumer?.customId);
    case 'x-credential-identifier':
      return says(state.credentialId);
    case 'x-anonymous-consumer':
      return state.hasConsumer;
    case 'x-consumer-groups':
      return state.hasConsumer && state.groupsHeaderVerified;
    default:
      return false;
  }
};

/** Removes whole parameters; the bytes of the others stay as they are. */
const withoutParameters = (query: string, unwanted: ReadonlySet<string>): string => {
  if (query === '') return query;
  const parts = query.split('&');
  const kept = parts.filter((part) => !unwanted.has(parameterName(part)));
  return kept.length === parts.length ? query : kept.join('&');
};

/** As nginx reads it: `+` and `%XX` decoded, a broken escape left as it is. Names of credentials are ASCII. */
const parameterName = (part: string): string =>
  (part.split('=', 1)[0] ?? '')
    .replaceAll('+', ' ')
    .replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
