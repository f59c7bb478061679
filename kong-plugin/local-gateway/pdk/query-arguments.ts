import { fromWireText, toBytes, tableEntries, type LuaData } from '../shared/lua-data.ts';
import { LuaError } from '../shared/errors.ts';

/** nginx reads at most this many arguments (`lua_max_uri_args`). */
const DEFAULT_MAX_ARGUMENTS = 100;

/** `ngx.req.get_uri_args`: an argument without `=` is `true`, one that comes again makes a list. */
export const decodeArguments = (query: string, limit = DEFAULT_MAX_ARGUMENTS): Record<string, LuaData> => {
  const found: Record<string, LuaData> = {};
  for (const part of query.split('&').slice(0, limit)) {
    const equals = part.indexOf('=');
    const key = unescapeUri(equals < 0 ? part : part.slice(0, equals));
    const name = typeof key === 'string' ? key : Buffer.from(key).toString('latin1');
    if (name === '') continue;
    const value: LuaData = equals < 0 ? true : unescapeUri(part.slice(equals + 1));
    const before = Object.hasOwn(found, name) ? found[name] : undefined;
    found[name] =
      before === undefined ? value : Array.isArray(before) ? [...(before as LuaData[]), value] : [before, value];
  }
  return found;
};

/** The escaped text is `latin1`, as Node gives a request target. */
const unescapeUri = (text: string): string | Uint8Array =>
  fromWireText(
    text
      .replaceAll('+', ' ')
      .replace(/%([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  );

/** `ngx.encode_args` of a table, sorted as `kong.service.request.set_query` sorts. */
export const encodeArguments = (table: LuaData): string =>
  tableEntries(table)
    .map(([name, value]) => encodeOne(name, value))
    .sort()
    .join('&');

const encodeOne = (name: string, value: LuaData): string => {
  if (value === true) return escapeUri(name);
  if (Array.isArray(value)) return (value as readonly LuaData[]).map((item) => encodeOne(name, item)).join('&');
  if (typeof value === 'string' || value instanceof Uint8Array) return `${escapeUri(name)}=${escapeUri(value)}`;
  if (typeof value === 'number') return `${escapeUri(name)}=${value}`;
  throw new LuaError('attempt to use ' + typeof value + ' as query arg value');
};

const escapeUri = (text: string | Uint8Array): string =>
  Buffer.from(toBytes(text))
    .toString('latin1')
    .replace(
      /[^A-Za-z0-9\-._~]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    );
