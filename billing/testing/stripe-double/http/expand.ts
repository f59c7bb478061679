import { invalidRequest } from '../state/stripe-failure.ts';

export type Lookup = (id: string) => object | undefined;

// Stripe's documented depth of an expansion.
const depthLimit = 4;

/** Replaces ids by the objects they name, along each path of `expand`. Lists are entered through `data`. */
export function expand(body: object, paths: readonly string[], lookup: Lookup): object {
  for (const path of paths) {
    const keys = path.split('.');
    if (keys.filter((key) => key !== 'data').length > depthLimit) {
      throw invalidRequest(`You cannot expand more than ${depthLimit} levels of a property. Property: ${path}`);
    }
    expandAt(body as Record<string, unknown>, keys, path, lookup);
  }
  return body;
}

function expandAt(at: Record<string, unknown>, keys: readonly string[], path: string, lookup: Lookup): void {
  const [key, ...rest] = keys;
  if (key === undefined) return;
  const value = at[key];
  if (value === undefined) throw invalidRequest(`This property cannot be expanded (${path}).`);
  if (value === null) return;
  // A resource hides what is shown only when asked for (`tiers`) by making it non-enumerable.
  Object.defineProperty(at, key, { enumerable: true, value });
  if (Array.isArray(value)) {
    for (const each of value as unknown[]) if (isObject(each)) expandAt(each, rest, path, lookup);
    return;
  }
  if (typeof value === 'string') {
    const object = lookup(value);
    if (!object) throw invalidRequest(`This property cannot be expanded (${path}).`);
    at[key] = object;
  }
  const next = at[key];
  if (isObject(next)) expandAt(next, rest, path, lookup);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
