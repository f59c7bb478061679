import { LuaError } from '../shared/errors.ts';
import { isLuaTable, tableEntries, toBytes, type LuaData } from '../shared/lua-data.ts';

/** A Lua string that Kong sends as MessagePack `bin`: only the results of `*.get_raw_body` (kong mp_rpc.lua, `must_fix`). */
export class Binary {
  constructor(readonly bytes: Uint8Array | undefined) {}
}

/** An empty multimap, the only empty table that Kong sends as a map. */
export class EmptyMap {}

export type Packable = LuaData | Binary | EmptyMap | readonly Packable[] | { readonly [key: string]: Packable };

/**
 * Writes what Kong's MessagePack.lua writes: every Lua string as `str` (never str8), integers in the shortest form, other
 * numbers as float64, empty tables as empty arrays, nil fields left out.
 */
export const packMessage = (value: Packable): Uint8Array => {
  const parts: Uint8Array[] = [];
  pack(value, parts);
  return Buffer.concat(parts);
};

const pack = (value: Packable, out: Uint8Array[]): void => {
  if (value === undefined || value === null) out.push(Uint8Array.of(0xc0));
  else if (typeof value === 'boolean') out.push(Uint8Array.of(value ? 0xc3 : 0xc2));
  else if (typeof value === 'number') out.push(Number.isInteger(value) ? packInteger(value) : packFloat(value));
  else if (typeof value === 'string' || value instanceof Uint8Array) packString(toBytes(value), out);
  else if (value instanceof Binary) packBinary(value.bytes, out);
  else if (value instanceof EmptyMap) out.push(Uint8Array.of(0x80));
  else packTable(value as LuaData, out);
};

const packTable = (value: LuaData, out: Uint8Array[]): void => {
  if (!isLuaTable(value)) return;
  if (Array.isArray(value) && !hasHole(value as LuaData[])) {
    packHeader(value.length, { small: 0x90, medium: 0xdc, large: 0xdd, smallLimit: 15 }, out);
    for (const item of value as LuaData[]) pack(item, out);
    return;
  }
  const entries = tableEntries(value);
  if (entries.length === 0) {
    out.push(Uint8Array.of(0x90));
    return;
  }
  packHeader(entries.length, { small: 0x80, medium: 0xde, large: 0xdf, smallLimit: 15 }, out);
  for (const [key, item] of entries) {
    pack(Array.isArray(value) ? Number(key) : key, out);
    pack(item, out);
  }
};

/** A list with a nil inside is a map of its remaining indexes (MessagePack.lua, `without_hole`). */
const hasHole = (list: readonly LuaData[]): boolean => list.some((item) => item === undefined || item === null);

interface Headers {
  readonly small: number;
  readonly medium: number;
  readonly large: number;
  readonly smallLimit: number;
}

const packHeader = (length: number, headers: Headers, out: Uint8Array[]): void => {
  if (length <= headers.smallLimit) out.push(Uint8Array.of(headers.small + length));
  else if (length <= 0xffff) out.push(numbered(headers.medium, 2, length));
  else out.push(numbered(headers.large, 4, length));
};

const packString = (bytes: Uint8Array, out: Uint8Array[]): void => {
  packHeader(bytes.length, { small: 0xa0, medium: 0xda, large: 0xdb, smallLimit: 31 }, out);
  out.push(bytes);
};

/** A body that `get_raw_body` refused to give is nil, and packing nil as `bin` is a Lua error (MessagePack.lua:126). */
const packBinary = (bytes: Uint8Array | undefined, out: Uint8Array[]): void => {
  if (bytes === undefined) throw new LuaError("bad argument #1 to 'binary' (string expected, got nil)");
  if (bytes.length <= 0xff) out.push(numbered(0xc4, 1, bytes.length));
  else packHeader(bytes.length, { small: 0, medium: 0xc5, large: 0xc6, smallLimit: -1 }, out);
  out.push(bytes);
};

const packInteger = (value: number): Uint8Array => {
  if (value >= 0) {
    if (value <= 0x7f) return Uint8Array.of(value);
    if (value <= 0xff) return numbered(0xcc, 1, value);
    if (value <= 0xffff) return numbered(0xcd, 2, value);
    if (value <= 0xffffffff) return numbered(0xce, 4, value);
    return wide(0xcf, value);
  }
  if (value >= -0x20) return Uint8Array.of(0x100 + value);
  if (value >= -0x80) return numbered(0xd0, 1, value & 0xff);
  if (value >= -0x8000) return numbered(0xd1, 2, value & 0xffff);
  if (value >= -0x80000000) return numbered(0xd2, 4, value >>> 0);
  return wide(0xd3, value);
};

/** Beyond 64 bits an "integer" is a float in Lua as well. */
const wide = (head: number, value: number): Uint8Array => {
  if (!(value < 2 ** 64 && value >= -(2 ** 63))) return packFloat(value);
  const bytes = Buffer.alloc(9);
  bytes[0] = head;
  bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(value)), 1);
  return bytes;
};

const packFloat = (value: number): Uint8Array => {
  const bytes = Buffer.alloc(9);
  bytes[0] = 0xcb;
  bytes.writeDoubleBE(value, 1);
  return bytes;
};

const numbered = (head: number, size: 1 | 2 | 4, value: number): Uint8Array => {
  const bytes = Buffer.alloc(1 + size);
  bytes[0] = head;
  bytes.writeUIntBE(value, 1, size);
  return bytes;
};
