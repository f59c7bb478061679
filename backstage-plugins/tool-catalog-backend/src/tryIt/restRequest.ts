export interface RestOperation {
  readonly method: string;
  /** With `{parameters}`, below the server's address on the gateway. */
  readonly path: string;
}

export interface RestRequest {
  readonly url: string;
  readonly init: { readonly method: string; readonly headers: Record<string, string>; readonly body?: string };
}

/**
 * The HTTP request of an operation. Arguments are `{ path, query, body }`, as in the gateway's rules and records. Every path
 * parameter must be given: an empty one would call another operation.
 */
export const restRequest = (
  base: string,
  { method, path }: RestOperation,
  {
    path: parameters = {},
    query = {},
    body,
  }: { readonly path?: unknown; readonly query?: unknown; readonly body?: unknown },
): RestRequest => {
  const filled = path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const text = textOf((parameters as Record<string, unknown>)[name]);
    if (text === undefined || text === '')
      throw new Error(`The path parameter "${name}" is missing: give it in "path".`);
    if (text === '.' || text === '..') throw new Error(`The path parameter "${name}" cannot be "${text}".`);
    return encodeURIComponent(text);
  });
  const search = new URLSearchParams(
    Object.entries(query as Record<string, unknown>).flatMap(([name, value]) =>
      (Array.isArray(value) ? (value as readonly unknown[]) : [value]).flatMap((each) => {
        const text = textOf(each);
        return text === undefined ? [] : [[name, text] as [string, string]];
      }),
    ),
  ).toString();
  return {
    url: `${base.replace(/\/$/, '')}${filled}${search === '' ? '' : `?${search}`}`,
    init: {
      method: method.toUpperCase(),
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
  };
};

const textOf = (value: unknown): string | undefined =>
  value === undefined || value === null ? undefined : typeof value === 'string' ? value : JSON.stringify(value);
