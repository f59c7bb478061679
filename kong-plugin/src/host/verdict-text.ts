import type { Verdict } from './guard-protocol.ts';

/**
 * A verdict as mcp-guard reads it (verdict.lua, `verdict.read`): lines between two copies of the request's id (see `framed-text.ts`), an
 * empty one for what is not to be done, then the number of headers to clear and their names, then pairs of the answer's headers and
 * their values. A line feed in any of them makes a text that is not whole, and the guard refuses the request.
 */
export const verdictText = (verdict: Omit<Verdict, 'admission'>): string => {
  const { request_id: requestId, id, query, set_headers: setHeaders, clear_headers: clearHeaders } = verdict;
  const lines = [
    requestId,
    verdict.v,
    verdict.consumer,
    verdict.scope,
    verdict.scope_id,
    mark(verdict.filter),
    verdict.kind,
    id === undefined ? '' : JSON.stringify(id),
    query === undefined ? '' : `?${query}`,
    verdict.session_key ?? '',
    mark(verdict.has_lease),
    setHeaders === undefined ? '' : JSON.stringify(setHeaders),
    clearHeaders.length,
    ...clearHeaders,
  ];
  const answerHeaders = verdict.response_headers ?? {};
  for (const name of Object.keys(answerHeaders)) lines.push(name, answerHeaders[name] ?? '');
  lines.push(requestId);
  return lines.join('\n');
};

const mark = (is: boolean | undefined): string => (is === true ? '1' : '');
