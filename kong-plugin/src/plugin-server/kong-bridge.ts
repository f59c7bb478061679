import PDK from 'kong-pdk/pdk.js';
import type { KongFunction } from './plugin-contract.ts';
import type { PluginEvent } from './plugin-event.ts';
import { never } from './plugin-event.ts';

/**
 * kong-pdk's bridge, with one difference: its `kong.response.exit` resolves at once, and code after
 * `await kong.response.exit()` would run for a request that was refused. As in Lua, a call that ends the request does not
 * come back: its promise never settles.
 */
export function createKong(event: PluginEvent): KongFunction {
  const handler: ProxyHandler<KongFunction> = {
    get: (target, name) => new Proxy(Reflect.get(target, name) as KongFunction, handler),
    apply: (target, _self, parameters: readonly unknown[]) => {
      const endedBefore = event.ended;
      const answer = target(...parameters);
      return event.ended && !endedBefore ? never() : answer;
    },
  };
  return new Proxy(new PDK(event).kong, handler);
}
