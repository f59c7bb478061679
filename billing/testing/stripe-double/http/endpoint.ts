import type { Account } from '../state/account.ts';
import type { Wire } from '../state/wire.ts';
import type { ParameterTypes } from '../schemas/parameter-types.ts';
import type { SchemaName } from './request-shapes.ts';

/** What a handler gets: the account, the parameters in the SDK's shape, and the ids in the path. */
export interface Call<Parameters> {
  readonly account: Account;
  readonly params: Parameters;
  /** The first id in the path; '' when there is none. */
  readonly id: string;
  readonly secondId: string;
}

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `:id` where an id stands. */
  readonly path: string;
  readonly schema: SchemaName;
  readonly handle: (call: Call<never>) => object;
  /** Requests with the same key must not overlap: the second gets 429. */
  readonly exclusive?: (call: Call<never>) => string | undefined;
}

/** Declares an endpoint; the schema's name types the parameters, which are checked against it before `handle` runs. */
export function endpoint<Name extends SchemaName>(
  route: `${Endpoint['method']} /${string}`,
  schema: Name,
  handle: (call: Call<Wire<ParameterTypes[Name]>>) => object,
  exclusive?: (call: Call<Wire<ParameterTypes[Name]>>) => string | undefined,
): Endpoint {
  const [method, path] = route.split(' ') as [Endpoint['method'], string];
  return { method, path, schema, handle, ...(exclusive && { exclusive }) };
}

export interface Match {
  readonly endpoint: Endpoint;
  readonly ids: readonly string[];
}

/** Finds the endpoint of a request; where a literal and an id both fit, the literal is meant (`/invoices/create_preview`). */
export function createRouter(endpoints: readonly Endpoint[]): (method: string, path: string) => Match | undefined {
  const routes = endpoints.map((each) => ({ endpoint: each, segments: each.path.split('/') }));
  return (method, path) => {
    const segments = path.split('/');
    const matches = routes.flatMap((route) => {
      if (route.endpoint.method !== method || route.segments.length !== segments.length) return [];
      const fits = route.segments.every((segment, index) => segment.startsWith(':') || segment === segments[index]);
      if (!fits) return [];
      const ids = segments.filter((_, index) => route.segments[index]?.startsWith(':')).map(decodeURIComponent);
      return [{ endpoint: route.endpoint, ids }];
    });
    return matches.sort((left, right) => left.ids.length - right.ids.length)[0];
  };
}
