import type { Verdict } from './guard-protocol.ts';

/**
 * A verdict as mcp-guard reads it (verdict.lua, `verdict.read`): lines between two copies of the request's id (see `framed-text.ts`). What
 * is the same for most requests of a caller stands together in a line, which Lua then reads once: a text for LuaJIT to make is a tenth
 * of a microsecond. A line feed in any of them makes a text that is not whole, and the guard refuses the request.
 *
 * - Protocol, kind, scope, its id, session key and consumer, with a space between them.
 * - `filter` for a list that the response phase filters, `lease` for a call whose end is awaited.
 * - The JSON-RPC id as JSON, the query behind a `?`, and the headers to set as JSON, or nothing.
 * - Names of headers to clear, and of those for the answer, with a colon between them; then a value for each of the latter.
 */
export const verdictText = (verdict: Omit<Verdict, 'admission'>): string => {
  const { request_id: requestId, id, query, set_headers: setHeaders, response_headers: answered = {} } = verdict;
  const answerNames = Object.keys(answered);
  let text = `${requestId}\n${whom(verdict)}\n${todo(verdict)}\n`;
  text += `${id === undefined ? '' : JSON.stringify(id)}\n${query === undefined ? '' : `?${query}`}\n`;
  text += `${setHeaders === undefined ? '' : JSON.stringify(setHeaders)}\n`;
  text += `${verdict.clear_headers.join(':')}\n${answerNames.join(':')}\n`;
  for (const name of answerNames) text += `${answered[name] ?? ''}\n`;
  return text + requestId;
};

const whom = ({ v, kind, scope, scope_id: scopeId, session_key: key, consumer }: Omit<Verdict, 'admission'>): string =>
  `${v} ${kind} ${scope} ${scopeId} ${key ?? ''} ${consumer}`;

const todo = ({ filter, has_lease: hasLease }: Omit<Verdict, 'admission'>): string =>
  `${filter ? 'filter' : ''}${hasLease === true ? 'lease' : ''}`;
