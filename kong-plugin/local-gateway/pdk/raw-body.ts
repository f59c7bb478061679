import type { RequestState } from '../proxy/request-state.ts';

/** The body, or why Kong would not give it: without a limit only what nginx still holds in memory, with 0 everything. */
export const readRawBody = (request: RequestState, limit: number | undefined): Uint8Array | string => {
  if (!request.isBodyInFile) return request.body;
  if (limit === undefined || limit < 0)
    return "request body did not fit into client body buffer, consider raising 'client_body_buffer_size'";
  return limit > 0 && request.body.length > limit
    ? `request body file too big: ${request.body.length} > ${limit}`
    : request.body;
};
