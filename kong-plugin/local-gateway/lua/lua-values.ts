import { lauxlib, lua, to_luastring, type LuaFunction, type LuaProxy, type LuaState } from 'fengari';
import { Indexed, Live, LuaExit, LuaReturns, type HostFunction, type HostTable, type LuaValue } from './host-table.ts';

/** What `ngx.null` and `cjson.null` point at. */
const nullPointer = Object.freeze({ name: 'null' });

/** Deeper is a cycle or an attack; cjson stops at 1,000 levels as well. */
const MAX_DEPTH = 1_000;

/**
 * Fengari's integers have 32 bits and wrap around; in Lua 5.1 every number is a float. Ports, sizes and ids below 2^30 are
 * integers; times in seconds are above it and stay floats, so that `start_time * 1000` is right at full seconds too.
 */
const MAX_INTEGER = 2 ** 30;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const decodeText = (bytes: Uint8Array): string | Uint8Array => {
  try {
    return decoder.decode(bytes);
  } catch {
    return bytes.slice();
  }
};

/** Handle of a live Lua table. JavaScript's garbage collector keeps the table as long as the handle. */
export class LuaTable {
  readonly #state: LuaState;
  #proxy: LuaProxy | undefined;

  constructor(state: LuaState, index: number) {
    this.#state = state;
    this.#proxy = lua.lua_toproxy(state, index);
  }

  push(state: LuaState): void {
    if (!this.#proxy) throw new Error('This Lua table was released.');
    this.#proxy(state);
  }

  get(key: string | number): LuaValue {
    this.push(this.#state);
    pushValue(this.#state, key);
    lua.lua_rawget(this.#state, -2);
    const value = readValue(this.#state, -1);
    lua.lua_pop(this.#state, 2);
    return value;
  }

  set(key: string | number, value: LuaValue | HostTable): void {
    this.push(this.#state);
    pushValue(this.#state, key);
    pushValue(this.#state, value);
    lua.lua_rawset(this.#state, -3);
    lua.lua_pop(this.#state, 1);
  }

  /** A deep copy. */
  toValue(): LuaValue {
    this.push(this.#state);
    const value = readValue(this.#state, -1);
    lua.lua_pop(this.#state, 1);
    return value;
  }

  release(): void {
    this.#proxy = undefined;
  }
}

export function readValue(state: LuaState, index: number, depth = 0): LuaValue {
  switch (lua.lua_type(state, index)) {
    case lua.LUA_TBOOLEAN:
      return lua.lua_toboolean(state, index);
    case lua.LUA_TNUMBER:
      return lua.lua_tonumber(state, index);
    case lua.LUA_TSTRING:
      return decodeText(lua.lua_tostring(state, index) ?? new Uint8Array());
    case lua.LUA_TTABLE:
      return readTable(state, lua.lua_absindex(state, index), depth + 1);
    case lua.LUA_TLIGHTUSERDATA:
      return lua.lua_touserdata(state, index) === nullPointer ? null : undefined;
    default:
      return undefined;
  }
}

function readTable(state: LuaState, index: number, depth: number): LuaValue {
  if (depth > MAX_DEPTH) throw new Error(`A Lua table is nested deeper than ${MAX_DEPTH} levels.`);
  lauxlib.luaL_checkstack(state, 4, null);
  const entries: [LuaValue, LuaValue][] = [];
  lua.lua_pushnil(state);
  while (lua.lua_next(state, index) !== 0) {
    entries.push([readValue(state, -2), readValue(state, -1, depth)]);
    lua.lua_pop(state, 1);
  }
  const list: LuaValue[] = [];
  for (const [key, value] of entries) if (typeof key === 'number') list[key - 1] = value;
  if (list.length === entries.length && entries.every(([key]) => typeof key === 'number')) return list;
  return Object.fromEntries(entries.map(([key, value]) => [keyText(key), value]));
}

const keyText = (key: LuaValue): string =>
  key instanceof Uint8Array ? Buffer.from(key).toString('latin1') : toText(key);

/** A message or key for a person to read. */
export const toText = (value: LuaValue): string =>
  typeof value === 'object' || value === undefined ? 'a value without text' : String(value);

type Pushable = HostTable[string];

export function pushValue(state: LuaState, value: Pushable, depth = 0): void {
  lauxlib.luaL_checkstack(state, 6, null);
  if (value === undefined) lua.lua_pushnil(state);
  else if (value === null) lua.lua_pushlightuserdata(state, nullPointer);
  else if (typeof value === 'boolean') lua.lua_pushboolean(state, value);
  else if (typeof value === 'number') pushNumber(state, value);
  else if (typeof value === 'string') pushBytes(state, Buffer.from(value, 'utf8'));
  else if (value instanceof Uint8Array) pushBytes(state, value);
  else if (typeof value === 'function') lua.lua_pushcfunction(state, hostFunction(value));
  else if (value instanceof LuaTable) value.push(state);
  else if (value instanceof Indexed) pushIndexed(state, value);
  else if (value instanceof Live) pushValue(state, value.get(), depth);
  else pushEntries(state, value, depth + 1);
}

const pushNumber = (state: LuaState, value: number): void => {
  if (Number.isInteger(value) && Math.abs(value) <= MAX_INTEGER) lua.lua_pushinteger(state, value | 0);
  else lua.lua_pushnumber(state, value);
};

/** A copy, because fengari keeps the very array and a Buffer may be a view of a shared pool. */
const pushBytes = (state: LuaState, bytes: Uint8Array): void =>
  lua.lua_pushlstring(state, new Uint8Array(bytes), bytes.length);

function pushEntries(state: LuaState, value: HostTable | readonly LuaValue[], depth: number): void {
  if (depth > MAX_DEPTH) throw new Error(`A value for Lua is nested deeper than ${MAX_DEPTH} levels.`);
  lua.lua_newtable(state);
  const lives = new Map<string, Live>();
  for (const [key, entry] of Object.entries(value)) {
    if (entry instanceof Live) {
      lives.set(key, entry);
      continue;
    }
    pushValue(state, Array.isArray(value) ? Number(key) + 1 : key);
    pushValue(state, entry, depth);
    lua.lua_rawset(state, -3);
  }
  if (lives.size > 0) setAccessors(state, lives);
}

/** Other keys of a table with live entries stay ordinary: Lua may add to it (`kong.mcp_guard = ...`). */
function setAccessors(state: LuaState, lives: ReadonlyMap<string, Live>): void {
  setMetatable(state, {
    __index: (state_) => {
      const key = readValue(state_, 2);
      pushValue(state_, typeof key === 'string' ? lives.get(key)?.get() : undefined);
      return 1;
    },
    __newindex: (state_) => {
      const key = readValue(state_, 2);
      const entry = typeof key === 'string' ? lives.get(key) : undefined;
      if (!entry) lua.lua_rawset(state_, 1);
      else if (entry.set) entry.set(readValue(state_, 3));
      else throw new Error(`${toText(key)} is read-only`);
      return 0;
    },
  });
}

function pushIndexed(state: LuaState, table: Indexed): void {
  lua.lua_newtable(state);
  setMetatable(state, {
    __index: (state_) => {
      pushValue(state_, table.get(readValue(state_, 2)));
      return 1;
    },
    __newindex: (state_) => {
      if (!table.set) throw new Error('this table is read-only');
      table.set(readValue(state_, 2), readValue(state_, 3));
      return 0;
    },
  });
}

function setMetatable(state: LuaState, methods: Readonly<Record<string, LuaFunction>>): void {
  lua.lua_newtable(state);
  for (const [name, method] of Object.entries(methods)) {
    lua.lua_pushcfunction(state, raising(method));
    lua.lua_setfield(state, -2, to_luastring(name));
  }
  lua.lua_setmetatable(state, -2);
}

const hostFunction = (call: HostFunction): LuaFunction =>
  raising((state) => {
    const args: LuaValue[] = [];
    for (let index = 1; index <= lua.lua_gettop(state); index += 1) args.push(readValue(state, index));
    const result = call(...args);
    const values = result instanceof LuaReturns ? result.values : [result];
    for (const value of values) pushValue(state, value);
    return values.length;
  });

/** A JavaScript exception becomes a Lua error, except `LuaExit`, which stays itself so that nothing catches it. */
const raising =
  (method: LuaFunction): LuaFunction =>
  (state) => {
    try {
      return method(state);
    } catch (error) {
      if (error instanceof LuaExit) lua.lua_pushlightuserdata(state, error);
      else pushValue(state, error instanceof Error ? error.message : String(error));
    }
    return lua.lua_error(state);
  };

/** The `LuaExit` at `index`, if it is one. */
export const readExit = (state: LuaState, index: number): LuaExit | undefined => {
  if (lua.lua_type(state, index) !== lua.LUA_TLIGHTUSERDATA) return undefined;
  const value = lua.lua_touserdata(state, index);
  return value instanceof LuaExit ? value : undefined;
};
