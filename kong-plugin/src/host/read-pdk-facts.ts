import { failure, success, type Result } from '../domain/result.ts';
import type { RequestFacts } from '../pipeline/request-facts.ts';
import type { Kong } from './kong.ts';
import { isAnonymous, readConsumer, readHeaders } from './read-guard-facts.ts';

/** Kong truncates silently past what is asked for; 1,000 is its own maximum (kong/pdk/request.lua). */
const MAX_HEADERS = 1000;

/**
 * The facts by plain PDK calls, for nodes whose operator cannot add Lua files: five round trips instead of one, no ACL
 * groups and no verified token, and a body over the limit ends as Kong's own 500 (a Lua error: nothing is forwarded).
 */
export const readPdkFacts = async (
  kong: Kong,
  options: { readonly maxBodyBytes: number; readonly now: () => number },
): Promise<Result<RequestFacts, string>> => {
  const requestLine = await kong.nginx.getVar('request');
  const requestId = await kong.nginx.getVar('kong_request_id');
  const headers = await kong.request.getHeaders(MAX_HEADERS);
  const body = await kong.request.getRawBody(options.maxBodyBytes);
  const consumer = readConsumer(await kong.client.getConsumer());
  const [method, target] = (requestLine ?? '').split(' ');
  if (
    method === undefined ||
    target === undefined ||
    !target.startsWith('/') ||
    requestId === undefined ||
    body === undefined
  )
    return failure('Kong did not say what was requested.');
  const [path = '/', ...query] = target.split('?');
  return success({
    request: { method, path, query: query.join('?'), headers: readHeaders(headers), body },
    requestId,
    startedAt: options.now(),
    isAnonymous: isAnonymous(consumer, headers),
    groups: [],
    groupsUnknown: true,
    ...(Object.keys(headers).length >= MAX_HEADERS ? { unreadable: 'too_many_headers' as const } : {}),
    ...(consumer === undefined ? {} : { consumer }),
    ...(body.length > options.maxBodyBytes ? { unreadable: 'too_large' as const } : {}),
  });
};
