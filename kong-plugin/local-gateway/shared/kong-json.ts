import type { LuaData } from './lua-data.ts';

/** JSON as lua-cjson writes it: `/` is escaped, and bytes that are not UTF-8 go out as they are (here: as latin1). */
export const kongJson = (value: unknown): string => {
  const text = JSON.stringify(value, (_key, item: unknown) =>
    item instanceof Uint8Array ? Buffer.from(item).toString('latin1') : item,
  );
  return text.replaceAll('/', '\\/');
};

/** A parsed JSON value as the Lua table that cjson would make of it. */
export const fromJson = (value: unknown): LuaData => value as LuaData;
