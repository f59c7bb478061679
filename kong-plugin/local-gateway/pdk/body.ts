import { isLuaTable, type LuaData } from '../shared/lua-data.ts';
import { decodeArguments } from './query-arguments.ts';
import { Many } from './pdk-function.ts';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/** `get_body` of forms and JSON; multipart bodies are not decoded by this stand-in. */
export const decodeBody = (body: Uint8Array, contentType: string | undefined): LuaData | Many => {
  if (contentType === undefined) return new Many([undefined, 'missing content type']);
  const type = contentType.toLowerCase().split(';')[0] ?? '';
  if (type.startsWith(FORM)) return new Many([decodeArguments(Buffer.from(body).toString('latin1')), undefined, FORM]);
  if (!type.startsWith(JSON_TYPE)) return new Many([undefined, `unsupported content type '${contentType}'`, type]);
  const json = parseJson(body);
  return isLuaTable(json)
    ? new Many([json, undefined, JSON_TYPE])
    : new Many([undefined, 'invalid json body', JSON_TYPE]);
};

const parseJson = (body: Uint8Array): LuaData => {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as LuaData;
  } catch {
    return undefined;
  }
};
