import { isJsonObject, ownValue, type JsonValue } from '../json/json-value.ts';

/** RFC 6901, taken apart. */
export const pointerTokens = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replace(/~1/g, '/').replace(/~0/g, '~'));

/** What the pointer finds; undefined when there is nothing. `-` and `01` are no index of a list. */
export const followPointer = (value: JsonValue, tokens: readonly string[]): JsonValue | undefined => {
  let found: JsonValue | undefined = value;
  for (const token of tokens) {
    found = stepInto(found, token);
    if (found === undefined) return undefined;
  }
  return found;
};

const stepInto = (value: JsonValue, token: string): JsonValue | undefined => {
  if (isJsonObject(value)) return ownValue(value, token);
  if (!Array.isArray(value) || !/^(0|[1-9]\d{0,9})$/.test(token)) return undefined;
  return (value as readonly JsonValue[])[Number(token)];
};
