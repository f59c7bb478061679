import type { Operation } from './operation.ts';

export type Route =
  | { readonly state: 'found'; readonly operation: Operation; readonly id: string }
  | { readonly state: 'unknown_path' }
  | { readonly state: 'wrong_method'; readonly allow: readonly string[] };

export interface Target {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

/** Exact match segment by segment: a trailing slash or another case is another path. */
export function routeRequest(operations: readonly Operation[], { method, path }: Target): Route {
  const matches = operations.flatMap((operation) => {
    const id = matchPath(operation.path, path);
    return id === undefined ? [] : [{ operation, id }];
  });
  const match = matches.find(({ operation }) => operation.method === method);
  if (match !== undefined) return { state: 'found', ...match };
  if (matches.length === 0) return { state: 'unknown_path' };
  return { state: 'wrong_method', allow: matches.map(({ operation }) => operation.method) };
}

/** The value of `{id}`, empty for a template without one; undefined when the path is another one. */
function matchPath(template: string, path: string): string | undefined {
  const wanted = template.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  let id = '';
  for (const [index, segment] of wanted.entries()) {
    const actual = decodeSegment(given[index] ?? '');
    if (segment === '{id}' && actual !== undefined && actual !== '') id = actual;
    else if (segment !== actual) return undefined;
  }
  return id;
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
