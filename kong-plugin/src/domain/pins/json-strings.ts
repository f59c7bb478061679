import { isJsonObject, type JsonValue } from '../json/json-value.ts';

/** A string of a JSON value: a value, or a key, and where it stands (RFC 6901). */
export interface JsonString {
  readonly pointer: string;
  readonly text: string;
  readonly isKey: boolean;
}

export const childPointer = (parent: string, key: string | number): string =>
  `${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** Every string of the value, keys included: a model reads the names of parameters too. */
export function* jsonStrings(value: JsonValue, pointer = ''): Generator<JsonString> {
  if (typeof value === 'string') {
    yield { pointer, text: value, isKey: false };
  } else if (Array.isArray(value)) {
    for (const [index, item] of (value as readonly JsonValue[]).entries())
      yield* jsonStrings(item, childPointer(pointer, index));
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      const child = childPointer(pointer, key);
      yield { pointer: child, text: key, isKey: true };
      yield* jsonStrings(member, child);
    }
  }
}
