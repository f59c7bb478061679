import { isJsonObject } from './json-value.ts';
import type { JsonObject, JsonValue } from './json-value.ts';

/**
 * RFC 8785: no white space, keys in the order of their UTF-16 code units, numbers as ECMAScript prints them. Two spellings of
 * the same value give the same text, so that its hash identifies the value. Recursive: for values that `readJson` made.
 */
export const canonicalJson = (value: JsonValue): string => {
  if (typeof value === 'number') return canonicalNumber(value);
  if (isJsonObject(value)) return canonicalObject(value);
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(canonicalJson).join(',')}]`;
  return JSON.stringify(value);
};

const canonicalObject = (object: JsonObject): string => {
  let members = '';
  // Without a comparator `sort` compares code units, which is what the RFC asks for.
  for (const key of Object.keys(object).sort()) {
    if (members !== '') members += ',';
    members += `${JSON.stringify(key)}:${canonicalJson(object[key] ?? null)}`;
  }
  return `{${members}}`;
};

/** `1e999` parses to Infinity, for which the RFC has no form; `null` would make it equal to another value. */
const canonicalNumber = (value: number): string => {
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '1e999' : '-1e999';
};
