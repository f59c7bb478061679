/**
 * What a Lua value looks like on this side. A Lua string is bytes: `string` when they are UTF-8, `Uint8Array` otherwise.
 * An empty table is `[]`, as Kong sends it; `undefined` and `null` are nil.
 */
export type LuaData =
  undefined | null | boolean | number | string | Uint8Array | readonly LuaData[] | { readonly [key: string]: LuaData };

/** A Lua table that lives in the Lua VM or, in tests, in a map: the same object for the Lua plugins and for the socket. */
export interface LuaTableLike {
  get(key: string | number): LuaData;
  set(key: string | number, value: LuaData): void;
  release(): void;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes to the canonical form of a Lua string. */
export const toLuaString = (bytes: Uint8Array): string | Uint8Array => {
  try {
    return decoder.decode(bytes);
  } catch {
    return bytes;
  }
};

/** A Lua string to its bytes. */
export const toBytes = (text: string | Uint8Array): Uint8Array =>
  typeof text === 'string' ? Buffer.from(text, 'utf8') : text;

/** Node keeps header and URL bytes in `latin1` text; Lua sees the bytes. */
export const fromWireText = (text: string): string | Uint8Array =>
  /[\u0080-\u00ff]/.test(text) ? toLuaString(Buffer.from(text, 'latin1')) : text;

/** The reverse of `fromWireText`: what Node must be given so that the bytes on the wire are those of the Lua string. */
export const toWireText = (text: string | Uint8Array): string => Buffer.from(toBytes(text)).toString('latin1');

export const isLuaString = (value: unknown): value is string | Uint8Array =>
  typeof value === 'string' || value instanceof Uint8Array;

export const isLuaTable = (value: LuaData): value is readonly LuaData[] | { readonly [key: string]: LuaData } =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array);

/** A field of a table given as array or object, by string key. */
export const tableField = (table: LuaData, key: string): LuaData =>
  isLuaTable(table) && !Array.isArray(table) ? (table as Readonly<Record<string, LuaData>>)[key] : undefined;

/** The list part of a table. */
export const tableList = (table: LuaData): readonly LuaData[] => (Array.isArray(table) ? (table as LuaData[]) : []);

/** The texts of a list. */
export const textList = (table: LuaData): readonly string[] =>
  tableList(table).filter((item): item is string => typeof item === 'string');

/** `pairs` of a table with string keys; nil values do not exist. */
export const tableEntries = (table: LuaData): readonly (readonly [string, LuaData])[] => {
  if (!isLuaTable(table)) return [];
  const entries: [string, LuaData][] = Array.isArray(table)
    ? table.map((value: LuaData, index): [string, LuaData] => [String(index + 1), value])
    : Object.entries(table as Record<string, LuaData>);
  return entries.filter(([, value]) => value !== undefined && value !== null);
};
