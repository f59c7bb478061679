import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lauxlib, lua, to_luastring, type LuaFunction, type LuaState } from 'fengari';
import type { HostTable } from './host-table.ts';
import { pushValue } from './lua-values.ts';

export interface ModuleSources {
  readonly modules: Readonly<Record<string, HostTable>>;
  readonly searchPath?: string;
}

/** The function that `require` asks: first the host's modules, then files below `searchPath`, nothing else. */
export const moduleSearcher =
  (sources: ModuleSources): LuaFunction =>
  (state) => {
    const name = Buffer.from(lua.lua_tostring(state, 1) ?? []).toString('utf8');
    const module = Object.hasOwn(sources.modules, name) ? sources.modules[name] : undefined;
    if (module !== undefined) {
      lua.lua_pushcfunction(state, (loader) => {
        pushValue(loader, module);
        return 1;
      });
      return 1;
    }
    return loadFile(state, name, sources.searchPath);
  };

function loadFile(state: LuaState, name: string, searchPath: string | undefined): number {
  const file = searchPath === undefined ? undefined : join(searchPath, `${name.replaceAll('.', '/')}.lua`);
  const source = file === undefined ? undefined : readOrUndefined(file);
  if (file === undefined || source === undefined) {
    pushValue(state, `\n\tno module '${name}' in the host and no file ${file ?? ''}`);
    return 1;
  }
  const status = lauxlib.luaL_loadbuffer(state, new Uint8Array(source), null, to_luastring(`@${file}`));
  return status === lua.LUA_OK ? 1 : lua.lua_error(state);
}

const readOrUndefined = (file: string): Uint8Array | undefined => {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
};
