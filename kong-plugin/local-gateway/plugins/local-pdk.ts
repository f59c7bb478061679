import type { RequestState } from '../proxy/request-state.ts';
import type { LuaData } from '../shared/lua-data.ts';
import { findPdkFunction, type Pdk } from '../pdk/pdk.ts';
import { Many } from '../pdk/pdk-function.ts';

/** Calls a PDK function by its Lua name, for the bundled plugins written here. */
export type LocalPdk = (request: RequestState, name: string, ...parameters: readonly LuaData[]) => LuaData;

export const localPdk =
  (pdk: Pdk): LocalPdk =>
  (request, name, ...parameters) => {
    const result = findPdkFunction(pdk, `kong.${name}`)?.(request, ...parameters);
    return result instanceof Many ? result.values[0] : result;
  };
