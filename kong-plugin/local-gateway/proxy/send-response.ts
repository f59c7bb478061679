import { toBytes } from '../shared/lua-data.ts';
import type { DelayedResponse, RequestState } from './request-state.ts';

/** Kong's `send`: status, headers and a body with its length, to be written by the response pipeline. */
export const sendResponse = (request: RequestState, response: DelayedResponse): void => {
  request.status = response.status;
  for (const [name, values] of response.headers) {
    const header = name.replaceAll('_', '-');
    if (header.toLowerCase() !== 'transfer-encoding') request.responseHeaders.set(header, values);
  }
  const body = response.body === undefined ? new Uint8Array() : toBytes(response.body);
  const hasLength = response.headers.some(([name]) => name.toLowerCase().replaceAll('_', '-') === 'content-length');
  if (!hasLength) request.responseHeaders.set('Content-Length', String(body.length));
  if (request.phase === 'header_filter') request.replacementBody = body;
  else request.localBody = body;
};
