import type { KongFunction } from './plugin-contract.ts';
import type { PluginEvent } from './plugin-event.ts';

/**
 * The `kong` that handlers get: `kong.a.bC(1)` calls Lua's `kong.a.b_c(1)`, as kong-pdk's does. Two differences: a call that
 * ends the request does not come back, as in Lua (kong-pdk's `kong.response.exit` resolves, and code after it would run for
 * a request that was refused); and names are translated once, not in every request.
 */
export const createKong = (event: PluginEvent): KongFunction => bridge(event, root);

/** A path below `kong` and what has been asked for below it: as many as the plugin's source has. */
interface Path {
  readonly name: string;
  readonly below: Map<string, Path>;
}

const root: Path = { name: 'kong', below: new Map() };

const bridge = (event: PluginEvent, path: Path): KongFunction =>
  new Proxy((...parameters: readonly unknown[]) => event.call(path.name, parameters), {
    get: (_target, name) => bridge(event, step(path, String(name))),
  }) as KongFunction;

const step = (path: Path, name: string): Path => {
  const known = path.below.get(name);
  if (known !== undefined) return known;
  const found: Path = { name: `${path.name}.${snakeCase(name)}`, below: new Map() };
  path.below.set(name, found);
  return found;
};

const snakeCase = (name: string): string =>
  name.replace(/[a-z][A-Z]/g, (letters) => `${letters.slice(0, 1)}_${letters.slice(1)}`.toLowerCase());
