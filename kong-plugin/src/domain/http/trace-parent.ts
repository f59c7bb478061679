import type { HttpRequest } from '../http-request.ts';

const traceParentForm = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The value when it is a W3C `traceparent`, else undefined: a malformed one is dropped, never a reason to refuse. */
export const validTraceParent = (value: unknown): string | undefined =>
  typeof value === 'string' && traceParentForm.test(value) ? value : undefined;

/** The `traceparent` header; two of them say nothing. */
export const traceParentHeader = (request: HttpRequest): string | undefined => {
  const values = request.headers.get('traceparent');
  return values?.length === 1 ? validTraceParent(values[0]) : undefined;
};
