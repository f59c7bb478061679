/** Trace id of a W3C `traceparent`; undefined for one that is malformed or all zero. */
export const traceIdOf = (traceparent: string | undefined): string | undefined =>
  traceparent === undefined
    ? undefined
    : /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/.exec(traceparent)?.[1];
