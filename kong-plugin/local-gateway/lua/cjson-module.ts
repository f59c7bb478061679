import { returns, type HostTable, type LuaReturns, type LuaValue } from './host-table.ts';

/** lua-cjson's default for both directions. */
const MAX_DEPTH = 1_000;

export interface CjsonOptions {
  /** `cjson` raises; `cjson.safe` (the default here) returns nil and the message. */
  readonly raises?: boolean;
}

/** lua-cjson as far as plugins use it: an empty table encodes as `{}`, null is `cjson.null`. */
export const cjsonModule = (options: CjsonOptions = {}): HostTable => {
  const guarded =
    (convert: (value: LuaValue) => LuaValue) =>
    (value: LuaValue): LuaValue | LuaReturns => {
      try {
        return convert(value);
      } catch (error) {
        if (options.raises === true) throw error;
        return returns(undefined, error instanceof Error ? error.message : String(error));
      }
    };
  return { null: null, decode: guarded(decode), encode: guarded(encode) };
};

const decode = (text: LuaValue): LuaValue => {
  if (typeof text !== 'string' && !(text instanceof Uint8Array)) throw new Error('string expected');
  const value = JSON.parse(typeof text === 'string' ? text : Buffer.from(text).toString('utf8')) as LuaValue;
  checkDepth(value, 0);
  return value;
};

const checkDepth = (value: LuaValue, depth: number): void => {
  if (typeof value !== 'object' || value === null) return;
  if (depth >= MAX_DEPTH) throw new Error('Found too many nested data structures (1001)');
  for (const entry of Object.values(value) as LuaValue[]) checkDepth(entry, depth + 1);
};

const encode = (value: LuaValue): string => {
  if (value === undefined) return 'null';
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Error('Cannot serialise number: must not be NaN or Infinity');
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('utf8'));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return value.length === 0 ? '{}' : `[${(value as LuaValue[]).map(encode).join(',')}]`;
  const entries = Object.entries(value as Readonly<Record<string, LuaValue>>).filter(
    ([, entry]) => entry !== undefined,
  );
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${encode(entry)}`).join(',')}}`;
};
