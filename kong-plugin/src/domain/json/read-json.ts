import { isAscii, isUtf8 } from 'node:buffer';
import type { Result } from '../result.ts';
import { failure, success } from '../result.ts';
import { findDuplicateKey } from './find-duplicate-key.ts';
import type { JsonObject, JsonValue } from './json-value.ts';
import { isJsonObject } from './json-value.ts';
import { scanJson } from './scan-json.ts';

export interface JsonProblem {
  readonly reason: 'invalid_encoding' | 'invalid_json' | 'too_deep' | 'duplicate_key' | 'lookalike_key';
  readonly detail: string;
}

export interface ReadJson {
  readonly value: JsonValue;
}

/**
 * Reads JSON that every server reads alike: strict UTF-8 without a byte order mark, bounded depth, no key twice in one object.
 *
 * Duplicates are found by counting: `JSON.parse` keeps one of two equal keys, after unescaping, so the text holds more keys
 * than the value exactly when some object repeats one. That costs one pass over the bytes and one over the value, no set of
 * keys per object.
 */
export const readJson = (bytes: Uint8Array, options: { readonly maxDepth: number }): Result<ReadJson, JsonProblem> => {
  const text = decode(bytes);
  if (!text.ok) return text;
  const scan = scanJson(bytes, options);
  if (scan.isTooDeep) return failure({ reason: 'too_deep', detail: `Nest at most ${options.maxDepth} levels deep.` });
  const value = parse(text.value);
  if (value === undefined) return failure({ reason: 'invalid_json', detail: 'The body is not valid JSON.' });
  if (countKeys(value) !== scan.keyCount) return failure(duplicateKey(text.value));
  if (scan.hasUnicodeEscape && hasUnpairedKey(value)) {
    return failure({ reason: 'invalid_encoding', detail: 'A key holds half of a surrogate pair.' });
  }
  return success({ value });
};

const decode = (bytes: Uint8Array): Result<string, JsonProblem> => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(buffer)) return success(buffer.toString('latin1'));
  if (!isUtf8(buffer)) return failure({ reason: 'invalid_encoding', detail: 'The body is not valid UTF-8.' });
  // Some servers skip a byte order mark, some refuse it.
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return failure({ reason: 'invalid_encoding', detail: 'Send the body without a byte order mark.' });
  }
  return success(buffer.toString('utf8'));
};

const parse = (text: string): JsonValue | undefined => {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
};

/** Keys in all objects of the value; recursion is safe because the depth was checked. */
const countKeys = (value: JsonValue): number => {
  if (isJsonObject(value)) return countObjectKeys(value);
  if (!Array.isArray(value)) return 0;
  let count = 0;
  for (const item of value as readonly JsonValue[]) count += countKeys(item);
  return count;
};

const countObjectKeys = (object: JsonObject): number => {
  let count = 0;
  // Parsed objects inherit nothing enumerable, and `__proto__` is an own key of theirs.
  for (const key in object) {
    const member = object[key];
    count += typeof member === 'object' ? 1 + countKeys(member) : 1;
  }
  return count;
};

const unpairedSurrogate = /\p{Surrogate}/u;

/** Servers that replace lone surrogates by U+FFFD make different keys equal. */
const hasUnpairedKey = (value: JsonValue): boolean => {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).some(hasUnpairedKey);
  if (!isJsonObject(value)) return false;
  return Object.entries(value).some(([key, member]) => unpairedSurrogate.test(key) || hasUnpairedKey(member));
};

const duplicateKey = (text: string): JsonProblem => {
  const key = findDuplicateKey(text);
  const name = key === undefined ? 'A key' : `The key ${JSON.stringify(key.slice(0, 64))}`;
  return { reason: 'duplicate_key', detail: `${name} occurs twice in one object.` };
};
