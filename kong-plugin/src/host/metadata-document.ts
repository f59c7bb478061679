import { protectedResourceMetadata, protectedResourcePath } from '../domain/identity/challenge.ts';
import type { HttpRequest } from '../domain/http-request.ts';
import type { Reply } from '../domain/replies/render-refusal.ts';
import type { OauthOptions } from '../domain/server-config.ts';

/** The RFC 9728 document, when that is what is asked for: anybody may read it, from a browser as well. */
export const metadataDocument = (request: HttpRequest, oauth: OauthOptions | undefined): Reply | undefined => {
  if (oauth === undefined || request.path !== protectedResourcePath(oauth)) return undefined;
  const headers = {
    'content-type': 'application/json',
    'access-control-allow-origin': '*',
    'cache-control': 'max-age=3600',
  };
  if (request.method === 'OPTIONS') {
    const preflight = { 'access-control-allow-methods': 'GET, OPTIONS', 'access-control-allow-headers': '*' };
    return { status: 204, headers: { ...headers, ...preflight }, body: '' };
  }
  if (request.method === 'GET') return { status: 200, headers, body: JSON.stringify(protectedResourceMetadata(oauth)) };
  return { status: 405, headers: { ...headers, allow: 'GET, OPTIONS' }, body: '{}' };
};
