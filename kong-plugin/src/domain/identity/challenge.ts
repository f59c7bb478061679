import type { JsonObject } from '../json/json-value.ts';
import type { OauthOptions } from '../server-config.ts';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

interface Challenge {
  /** Absent: the deployment uses API keys. */
  readonly oauth?: OauthOptions;
  /** Absent when the request brought no token at all (RFC 6750 section 3.1). */
  readonly error?: 'invalid_token' | 'insufficient_scope';
  /** Scopes that the request needs; the baseline when left out. */
  readonly scopes?: readonly string[];
}

/** Value of `WWW-Authenticate`. MCP clients find the authorization server through `resource_metadata`. */
export const wwwAuthenticate = ({ oauth, error, scopes }: Challenge): string => {
  if (oauth === undefined) return 'Key';
  const wanted = (scopes ?? oauth.scopes).filter(isScope);
  const parameters = [
    ...(error === undefined ? [] : [`error="${error}"`]),
    ...(wanted.length === 0 ? [] : [`scope="${wanted.join(' ')}"`]),
    `resource_metadata="${metadataUrl(oauth)}"`,
  ];
  return `Bearer ${parameters.join(', ')}`;
};

/** Where clients look for the document: the well-known part goes between origin and path (RFC 9728 section 3.1). */
export const protectedResourcePath = (oauth: OauthOptions): string => {
  const path = URL.canParse(oauth.resource) ? new URL(oauth.resource).pathname.replace(/\/+$/, '') : '';
  return `${WELL_KNOWN}${path}`;
};

/**
 * The RFC 9728 document. `scopes_supported` is what clients ask for first, so it holds the baseline and not every
 * tool's scope, and never `offline_access` (MCP authorization, Scope Selection Strategy).
 */
export const protectedResourceMetadata = (oauth: OauthOptions): JsonObject => {
  const scopes = oauth.scopes.filter((scope) => scope !== 'offline_access');
  return {
    resource: oauth.resource,
    authorization_servers: [...oauth.authorizationServers],
    ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
  };
};

const metadataUrl = (oauth: OauthOptions): string => {
  const origin = URL.canParse(oauth.resource) ? new URL(oauth.resource).origin : '';
  const query = URL.canParse(oauth.resource) ? new URL(oauth.resource).search : '';
  return `${origin}${protectedResourcePath(oauth)}${query}`;
};

/** RFC 6749 section 3.3; anything else would break out of the quoted string. */
const isScope = (scope: string): boolean => /^[\x21\x23-\x5B\x5D-\x7E]+$/.test(scope);
