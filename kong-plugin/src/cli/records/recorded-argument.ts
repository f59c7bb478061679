import { isJsonObject, type JsonValue } from '../../domain/json/json-value.ts';

/**
 * What stands in a record where the redactor left something out (domain/records/redact.ts). A text that a caller sent and
 * that looks like one of these is taken for one: the answer is then "uncertain", never wrong.
 */
const marks = [
  /\[redacted\]/,
  /^\[omitted/,
  /^\[more than \d+ levels\]$/,
  /^\[inexact number\]$/,
  /^\[\d+ more\]$/,
  /… \[\d+ characters\]$/,
];

const isMark = (value: JsonValue | undefined): boolean =>
  typeof value === 'string' && marks.some((mark) => mark.test(value));

/** A key that the redactor shortened, replaced or made up. */
const isMarkedKey = (key: string): boolean => key === '…' || isMark(key);

/** Whether what stands at a JSON pointer in recorded arguments is what was sent. */
export const isRecordedAsSent = (recorded: JsonValue | undefined, pointer: string): boolean => {
  if (recorded === undefined) return false;
  let value: JsonValue | undefined = recorded;
  for (const key of keysOf(pointer)) {
    if (isMark(value)) return false;
    const found: JsonValue | undefined = member(value, key);
    if (found === undefined) return !isCut(value);
    value = found;
  }
  return isWhole(value);
};

const keysOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));

const member = (value: JsonValue, key: string): JsonValue | undefined => {
  if (Array.isArray(value))
    return /^(?:0|[1-9]\d*)$/.test(key) ? (value as readonly JsonValue[])[Number(key)] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
};

/** Members are missing, or their names are not the ones that were sent. */
const isCut = (value: JsonValue): boolean => {
  if (Array.isArray(value)) return isMark((value as readonly JsonValue[]).at(-1));
  return isJsonObject(value) && Object.keys(value).some(isMarkedKey);
};

const isWhole = (value: JsonValue): boolean => {
  if (isMark(value) || isCut(value)) return false;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).every(isWhole);
  return !isJsonObject(value) || Object.values(value).every(isWhole);
};
