/** The part of fengari's C-like API that the Lua VM host uses; fengari ships no types. */
declare module 'fengari' {
  export interface LuaState {
    readonly l_G: object;
  }
  /** Lua strings are bytes. Never write to one: fengari shares them. */
  export type LuaString = Uint8Array;
  export type LuaFunction = (state: LuaState) => number;
  /** Pushes the captured value again, on any stack of the same VM. */
  export type LuaProxy = (state: LuaState) => void;

  export function to_luastring(text: string, cache?: boolean): LuaString;

  export const lua: {
    readonly LUA_OK: number;
    readonly LUA_MULTRET: number;
    readonly LUA_TNIL: number;
    readonly LUA_TNONE: number;
    readonly LUA_TBOOLEAN: number;
    readonly LUA_TLIGHTUSERDATA: number;
    readonly LUA_TNUMBER: number;
    readonly LUA_TSTRING: number;
    readonly LUA_TTABLE: number;
    readonly LUA_TFUNCTION: number;
    lua_atnativeerror(state: LuaState, handler: LuaFunction | null): LuaFunction | null;
    lua_absindex(state: LuaState, index: number): number;
    lua_close(state: LuaState): void;
    lua_error(state: LuaState): number;
    lua_getglobal(state: LuaState, name: LuaString): number;
    lua_gettop(state: LuaState): number;
    lua_insert(state: LuaState, index: number): void;
    lua_newtable(state: LuaState): void;
    lua_next(state: LuaState, index: number): number;
    lua_pcall(state: LuaState, arguments_: number, results: number, handler: number): number;
    lua_pop(state: LuaState, count: number): void;
    lua_pushboolean(state: LuaState, value: boolean): void;
    lua_pushcfunction(state: LuaState, value: LuaFunction): void;
    lua_pushinteger(state: LuaState, value: number): void;
    lua_pushlightuserdata(state: LuaState, value: object): void;
    lua_pushlstring(state: LuaState, value: Uint8Array, length: number): void;
    lua_pushnil(state: LuaState): void;
    lua_pushnumber(state: LuaState, value: number): void;
    lua_pushvalue(state: LuaState, index: number): void;
    lua_rawget(state: LuaState, index: number): number;
    lua_rawset(state: LuaState, index: number): void;
    lua_remove(state: LuaState, index: number): void;
    lua_setfield(state: LuaState, index: number, name: LuaString): void;
    lua_setglobal(state: LuaState, name: LuaString): void;
    lua_setmetatable(state: LuaState, index: number): void;
    lua_settop(state: LuaState, index: number): void;
    lua_toboolean(state: LuaState, index: number): boolean;
    lua_tonumber(state: LuaState, index: number): number;
    lua_toproxy(state: LuaState, index: number): LuaProxy;
    lua_tostring(state: LuaState, index: number): LuaString | null;
    lua_touserdata(state: LuaState, index: number): unknown;
    lua_type(state: LuaState, index: number): number;
  };

  export const lauxlib: {
    luaL_checkstack(state: LuaState, slots: number, message: LuaString | null): void;
    luaL_loadbuffer(state: LuaState, source: Uint8Array, size: number | null, name: LuaString): number;
    luaL_newstate(): LuaState;
    luaL_tolstring(state: LuaState, index: number): LuaString;
    luaL_traceback(state: LuaState, from: LuaState, message: LuaString | null, level: number): void;
  };

  export const lualib: {
    luaL_openlibs(state: LuaState): void;
  };
}
