import { errorBody, httpErrorMessage } from './error-body.ts';
import type { Downstream } from './downstream.ts';
import type { RequestState } from './request-state.ts';
import { sendResponse } from './send-response.ts';

/** nginx's own error page, made by Kong (kong/error_handlers.lua): 400, 413, 502, 503, 504 and unexpected 500. */
export const gatewayError = async (
  context: { readonly request: RequestState; readonly downstream: Downstream },
  status: number,
): Promise<void> => {
  const { request } = context;
  request.isUnexpected = true;
  // What is left of such a request on the connection cannot be trusted.
  if (status < 500 || status === 501) request.outgoing.shouldKeepAlive = false;
  await errorPage(context, status);
};

type ErrorContext = Parameters<typeof gatewayError>[0];

/**
 * The same page in the place of a buffered answer that breaks off. Kong keeps the status that the server began with, a 200 too, and
 * takes the page for a plugin's exit without a server (kong/init.lua, `Kong.response`; measured).
 */
export const brokenOff = async (context: ErrorContext): Promise<void> => {
  const { request } = context;
  const status = request.upstreamStatus ?? 502;
  request.responseHeaders.clear();
  request.upstreamStatus = undefined;
  await errorPage(context, status);
};

const errorPage = async ({ request, downstream }: ErrorContext, status: number): Promise<void> => {
  request.phase = 'error';
  request.hasExited = true;
  request.isBuffered = false;
  const accept = request.headers.first('accept') ?? request.headers.first('content-type') ?? 'text/plain';
  const { type, body } = errorBody(httpErrorMessage(status), { accept, requestId: request.id });
  sendResponse(request, { status, body, headers: [['Content-Type', [type]]] });
  await sendLocal(request, downstream);
};

/** Writes the answer that a plugin or the gateway itself made. */
export const sendLocal = async (request: RequestState, downstream: Downstream): Promise<void> => {
  if (!downstream.sendHeaders({ flush: false })) return;
  await downstream.write(request.localBody ?? new Uint8Array());
  await downstream.finish();
};
