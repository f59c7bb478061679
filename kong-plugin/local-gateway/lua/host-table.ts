import type { LuaTable } from './lua-values.ts';

/**
 * A value on its way between JavaScript and Lua. `undefined` is nil; `null` is the null pointer that OpenResty calls
 * `ngx.null` and cjson calls `cjson.null`. Lua strings are bytes: valid UTF-8 arrives as `string`, anything else as
 * `Uint8Array`. A Lua table arrives as a copy: 1..n as an array, an empty one as `[]` (as over Kong's MessagePack).
 */
export type LuaValue =
  | undefined
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly LuaValue[]
  | { readonly [key: string]: LuaValue }
  | LuaTable;

export type HostFunction = (...args: LuaValue[]) => LuaValue | LuaReturns;

/** A table that JavaScript gives to Lua: plain entries are copied once, `Live` ones are asked at each access. */
export interface HostTable {
  readonly [name: string]: HostFunction | HostTable | LuaValue | Live | Indexed;
}

/** A table's only entries are its functions: what Lua may not know before it asks, such as `ngx.var`. */
export class Indexed {
  constructor(
    readonly get: (key: LuaValue) => LuaValue | HostTable,
    readonly set?: (key: LuaValue, value: LuaValue) => void,
  ) {}
}

/** A field that is read through a getter at each access (`ngx.ctx`, `kong.ctx.shared`, `ngx.status`). */
export class Live {
  constructor(
    readonly get: () => LuaValue | HostTable,
    readonly set?: (value: LuaValue) => void,
  ) {}
}

/** Several return values. */
export class LuaReturns {
  constructor(readonly values: readonly LuaValue[]) {}
}

/** Thrown by a host function to end the Lua code that called it: passes through `pcall` (`kong.response.exit`). */
export class LuaExit extends Error {
  override readonly name: string = 'LuaExit';
}

export const live = (get: () => LuaValue | HostTable, set?: (value: LuaValue) => void): Live => new Live(get, set);

export const indexed = (
  get: (key: LuaValue) => LuaValue | HostTable,
  set?: (key: LuaValue, value: LuaValue) => void,
): Indexed => new Indexed(get, set);

/** For example `returns(undefined, 'error text')`. */
export const returns = (...values: LuaValue[]): LuaReturns => new LuaReturns(values);
