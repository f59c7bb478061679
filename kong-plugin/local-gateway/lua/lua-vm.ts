import { readFileSync } from 'node:fs';
import { lauxlib, lua, lualib, to_luastring, type LuaFunction, type LuaProxy, type LuaState } from 'fengari';
import type { HostFunction, HostTable, LuaValue } from './host-table.ts';
import { LuaTable, pushValue, readExit, readValue, toText } from './lua-values.ts';
import { moduleSearcher } from './module-searcher.ts';
import { callPathSource, prelude, searcherSource } from './prelude.ts';

export { cjsonModule } from './cjson-module.ts';
export { indexed, live, returns, Indexed, Live, LuaExit, LuaReturns } from './host-table.ts';
export type { HostFunction, HostTable, LuaValue } from './host-table.ts';
export { LuaTable } from './lua-values.ts';
export { ngxHelpers } from './ngx-helpers.ts';

/** A Lua error that nothing caught; the message ends with Lua's traceback. */
export class LuaError extends Error {
  override readonly name = 'LuaError';
}

export interface LuaVmOptions {
  readonly globals: HostTable;
  /** What `require` finds first, for example `{ 'cjson.safe': cjsonModule() }`. */
  readonly modules: Readonly<Record<string, HostTable>>;
  /** Directory in which `require 'a.b'` looks for `a/b.lua`. */
  readonly searchPath?: string;
}

/** A Lua 5.1-like virtual machine in this process. Calls are synchronous; one call at a time. */
export class LuaVm {
  #state: LuaState | undefined;
  readonly #compiled = new Map<string, LuaProxy>();

  constructor(options: LuaVmOptions) {
    const state = lauxlib.luaL_newstate();
    this.#state = state;
    lualib.luaL_openlibs(state);
    // An exception that no host function threw (a stack overflow in fengari) becomes an ordinary Lua error.
    lua.lua_atnativeerror(state, nativeError);
    this.#runPrelude();
    this.#setSearchers(options);
    for (const [name, value] of Object.entries(options.globals)) {
      pushValue(state, value);
      lua.lua_setglobal(state, to_luastring(name));
    }
  }

  /** Runs the file and returns the table that it returns. */
  loadPlugin(file: string): LuaTable {
    const state = this.#open();
    this.#load(readFileSync(file), `@${file}`);
    return this.#call(0, () => {
      if (lua.lua_type(state, -1) !== lua.LUA_TTABLE) throw new LuaError(`${file} returns no table.`);
      return new LuaTable(state, -1);
    });
  }

  /** `module:method(...args)`; the first return value. */
  callMethod(module: LuaTable, method: string, ...args: LuaValue[]): LuaValue {
    const state = this.#open();
    module.push(state);
    pushValue(state, method);
    lua.lua_rawget(state, -2);
    lua.lua_insert(state, -2);
    for (const arg of args) pushValue(state, arg);
    return this.#call(args.length + 1, () => readValue(state, -1));
  }

  /**
   * For example `callPath('kong.mcp_guard.facts', [options])`; undefined when there is no such function. One that yields, as
   * `kong.response.exit` does on Kong, is left for good and `leave` called, which may throw a `LuaExit`.
   */
  callPath(path: string, args: readonly LuaValue[], leave: () => void = () => undefined): LuaValue {
    const state = this.#open();
    this.#pushOnce('callPath', callPathSource);
    const left: HostFunction = () => {
      leave();
      return undefined;
    };
    pushValue(state, left);
    pushValue(state, path);
    for (const arg of args) pushValue(state, arg);
    return this.#call(args.length + 2, () => readValue(state, -1));
  }

  /** Runs Lua source text; the first value it returns. */
  run(source: string, args: readonly LuaValue[] = []): LuaValue {
    const state = this.#open();
    this.#load(Buffer.from(source), '=run');
    for (const arg of args) pushValue(state, arg);
    return this.#call(args.length, () => readValue(state, -1));
  }

  newTable(): LuaTable {
    const state = this.#open();
    lua.lua_newtable(state);
    const table = new LuaTable(state, -1);
    lua.lua_pop(state, 1);
    return table;
  }

  close(): void {
    if (this.#state) lua.lua_close(this.#state);
    this.#state = undefined;
  }

  #open(): LuaState {
    if (!this.#state) throw new Error('This Lua VM is closed.');
    return this.#state;
  }

  /** Compiled at the first use: a plugin server calls paths several times a request. */
  #pushOnce(name: string, source: string): void {
    const state = this.#open();
    let push = this.#compiled.get(name);
    if (push === undefined) {
      this.#load(Buffer.from(source), `=${name}`);
      push = lua.lua_toproxy(state, -1);
      lua.lua_pop(state, 1);
      this.#compiled.set(name, push);
    }
    push(state);
  }

  #load(source: Uint8Array, name: string): void {
    const state = this.#open();
    const status = lauxlib.luaL_loadbuffer(state, new Uint8Array(source), null, to_luastring(name));
    if (status === lua.LUA_OK) return;
    const message = readValue(state, -1);
    lua.lua_pop(state, 1);
    throw new LuaError(`Lua syntax error: ${toText(message)}`);
  }

  /** Calls the function below `argumentCount` arguments with a traceback handler; `read` sees the result on top. */
  #call<Value>(argumentCount: number, read: () => Value): Value {
    const state = this.#open();
    const base = lua.lua_gettop(state) - argumentCount;
    lua.lua_pushcfunction(state, addTraceback);
    lua.lua_insert(state, base);
    const status = lua.lua_pcall(state, argumentCount, 1, base);
    try {
      if (status === lua.LUA_OK) return read();
      const exit = readExit(state, -1);
      throw exit ?? new LuaError(toText(readValue(state, -1)));
    } finally {
      lua.lua_settop(state, base - 1);
    }
  }

  #runPrelude(): void {
    const state = this.#open();
    this.#load(Buffer.from(prelude), '=prelude');
    lua.lua_pushcfunction(state, (state_) => {
      lua.lua_pushboolean(state_, readExit(state_, 1) !== undefined);
      return 1;
    });
    this.#call(1, () => undefined);
  }

  #setSearchers(options: LuaVmOptions): void {
    const state = this.#open();
    lua.lua_pushcfunction(state, moduleSearcher(options));
    lua.lua_setglobal(state, to_luastring('host_searcher'));
    this.run(searcherSource);
  }
}

const nativeError: LuaFunction = (state) => {
  const error = lua.lua_touserdata(state, 1);
  pushValue(state, error instanceof Error ? `${error.name}: ${error.message}` : 'JavaScript error');
  return 1;
};

/** Message handler: an exit stays what it is, anything else gets Lua's traceback. */
const addTraceback: LuaFunction = (state) => {
  if (readExit(state, 1)) return 1;
  const message = lauxlib.luaL_tolstring(state, 1);
  lauxlib.luaL_traceback(state, state, message, 1);
  return 1;
};
