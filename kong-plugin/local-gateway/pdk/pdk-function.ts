import { LuaError } from '../shared/errors.ts';
import {
  fromWireText,
  isLuaString,
  isLuaTable,
  tableEntries,
  toBytes,
  toWireText,
  type LuaData,
} from '../shared/lua-data.ts';
import type { HeaderList } from '../proxy/header-list.ts';
import type { Phase, RequestState } from '../proxy/request-state.ts';

/** Several return values: `nil, "error"`. Over the socket only the first is sent. */
export class Many {
  constructor(readonly values: readonly LuaData[]) {}
}

export const nilAndError = (message: string): Many => new Many([undefined, message]);

export type PdkFunction = (request: RequestState, ...parameters: readonly LuaData[]) => LuaData | Many;

/** The functions of one PDK module by their Lua name, e.g. `get_method`. */
export type PdkModule = Readonly<Record<string, PdkFunction>>;

/** Kong's phase check: a Lua error in any other phase. */
export const inPhases = (phases: readonly Phase[], call: PdkFunction): PdkFunction => {
  const allowed = new Set(phases);
  return (request, ...parameters) => {
    if (!allowed.has(request.phase))
      throw new LuaError(`function cannot be called in ${request.phase} phase (only in: ${phases.join(', ')})`);
    return call(request, ...parameters);
  };
};

export const requestPhases: readonly Phase[] = [
  'rewrite',
  'access',
  'response',
  'header_filter',
  'body_filter',
  'log',
  'error',
];
export const authAndLater: readonly Phase[] = ['access', 'response', 'header_filter', 'body_filter', 'log'];
export const beforeContent: readonly Phase[] = ['rewrite', 'access', 'response', 'error'];
export const accessAndRewrite: readonly Phase[] = ['rewrite', 'access'];
export const headerBodyLog: readonly Phase[] = ['response', 'header_filter', 'body_filter', 'log', 'error'];
export const rewriteAccessHeader: readonly Phase[] = ['rewrite', 'access', 'response', 'header_filter', 'error'];

export const requireString = (value: LuaData, what: string): string => {
  if (!isLuaString(value)) throw new LuaError(`${what} must be a string`);
  return typeof value === 'string' ? value : Buffer.from(value).toString('latin1');
};

export const requireBytes = (value: LuaData, what: string): Uint8Array => {
  if (!isLuaString(value)) throw new LuaError(`${what} must be a string`);
  return toBytes(value);
};

export const optionalNumber = (value: LuaData, range: readonly [number, number], what: string): number | undefined => {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw new LuaError(`${what} must be a number`);
  if (value < range[0]) throw new LuaError(`${what} must be >= ${range[0]}`);
  if (value > range[1]) throw new LuaError(`${what} must be <= ${range[1]}`);
  return value;
};

/** Kong's `validate_header` and `normalize_multi_header`: text, a number, a boolean or a list of texts. */
export const headerValues = (name: LuaData, value: LuaData): readonly [string, readonly string[]] => {
  const header = requireString(name, 'header name');
  if (Array.isArray(value)) return [header, (value as readonly LuaData[]).map((item) => headerText(header, item))];
  return [header, [headerText(header, value)]];
};

const headerText = (name: string, value: LuaData): string => {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (!isLuaString(value))
    throw new LuaError(
      `invalid header value for "${name}": got ${luaType(value)}, expected array of string, string, number or boolean`,
    );
  const text = toWireText(value);
  // nginx escapes line breaks and NUL rather than send them.
  return text
    .replace(/[\r\n\0]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
    .trim();
};

export const headerTable = (value: LuaData): readonly (readonly [string, readonly string[]])[] => {
  if (!isLuaTable(value)) throw new LuaError('headers must be a table');
  return tableEntries(value).map(([name, item]) => headerValues(name, item));
};

export const luaType = (value: LuaData): string => {
  if (value === undefined || value === null) return 'nil';
  if (isLuaString(value)) return 'string';
  return isLuaTable(value) ? 'table' : typeof value;
};

/**
 * Headers as `ngx.req.get_headers` gives them: one value as text, several as a list; `truncated` when there are more lines
 * than were to be read.
 */
export const toMultiMap = (headers: HeaderList, limit: number): LuaData | Many => {
  const table = Object.fromEntries(
    [...headers.toMap(limit)].map(([name, values]) => [
      name,
      values.length === 1 ? fromWireText(values[0] ?? '') : values.map(fromWireText),
    ]),
  );
  return headers.count > limit ? new Many([table, 'truncated']) : table;
};
