import { toLuaString, type LuaData } from '../shared/lua-data.ts';

/** What Lua has of a decoded message: MessagePack's nil does not exist in a Lua table, `bin` and `str` are both strings. */
export const withoutNil = (value: unknown): LuaData => {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map(withoutNil);
  if (value instanceof Uint8Array) return toLuaString(value);
  if (typeof value !== 'object') return value as LuaData;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (item === null ? [] : [[key, withoutNil(item)]])),
  );
};
