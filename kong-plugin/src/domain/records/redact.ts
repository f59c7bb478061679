import { Buffer } from 'node:buffer';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/json-value.ts';
import { rememberTexts } from '../remember-texts.ts';
import type { RecordOptions } from '../server-config.ts';
import { isCardNumber } from './card-numbers.ts';
import { foldKey } from './redact-keys.ts';
import { compilePaths, type CompiledPath, type PathStep } from './redact-paths.ts';
import { REDACTED, redactText } from './redact-text.ts';

export { defaultRedactKeys } from './redact-keys.ts';
export { compilePaths } from './redact-paths.ts';

/** A record line stays under 16 KiB (small enough to append in one write and to ship by the thousand); half is for arguments. */
const MAX_ARGUMENT_BYTES = 8_192;
/** Long enough to recognise a text, too short to archive documents in the audit trail. */
const MAX_STRING_CHARACTERS = 1_024;
/** Longest part of a string that is searched for secrets; the rest is never shown. */
const MAX_SEARCHED_CHARACTERS = 16_384;
/** A secret cut by the end of the searched part would not be recognised: this much of its end is never shown either. */
const UNSURE_CHARACTERS = 2_048;
/** A person reading a record looks at no more entries than this. */
const MAX_ENTRIES = 64;
/** Deeper than the arguments of any known tool, flat enough for every log viewer. */
const MAX_DEPTH = 16;
const MAX_KEY_CHARACTERS = 128;

/** How far a path has been followed: the step to take next, none at its end. One object per step, so that a `Set` removes repeats. */
interface PathPosition {
  readonly step?: PathStep;
  readonly next?: PathPosition;
}

/** A key as a record shows it, and whether its name alone says that its value is a secret. */
interface ShownKey {
  readonly text: string;
  readonly bytes: number;
  readonly isSecret: boolean;
}

interface Walk {
  readonly shownKey: (key: string) => ShownKey;
  /** Bytes of JSON that the record still has room for; the only thing that changes during a walk. */
  room: number;
}

/**
 * Makes the copy of a call's arguments that a record may show: values replaced by key name, by path and by shape, long
 * ones cut. It never changes what it is given. A path that does not compile hides everything: `config/read-config.ts`
 * has refused such a configuration before.
 */
export const createRedactor = (options: RecordOptions): ((value: JsonValue) => JsonValue) => {
  const paths = compilePaths(options.redactPaths);
  if (!paths.ok) return () => REDACTED;
  const secrets = new Set(options.redactKeys.map(foldKey));
  // Arguments of all tools have a few hundred names between them; looking at one takes longer than at most values.
  const shownKey = rememberTexts((key) => toShownKey(key, secrets));
  const start = paths.value.map(startOf);
  return (value) => redactNode(value, { positions: start, depth: 0 }, { shownKey, room: MAX_ARGUMENT_BYTES });
};

const toShownKey = (key: string, secrets: ReadonlySet<string>): ShownKey => {
  const searched = key.slice(0, MAX_SEARCHED_CHARACTERS);
  const text = shorten(redactText(searched), MAX_KEY_CHARACTERS);
  return { text, bytes: jsonBytes(text), isSecret: secrets.has(foldKey(searched)) };
};

const startOf = (path: CompiledPath): PathPosition =>
  path.reduceRight<PathPosition>((next, step) => ({ step, next }), {});

interface Place {
  readonly positions: readonly PathPosition[];
  readonly depth: number;
}

const redactNode = (value: JsonValue, place: Place, walk: Walk): JsonValue => {
  if (place.positions.some(({ step }) => step === undefined)) return spend(REDACTED, walk);
  if (typeof value === 'string') return spend(redactString(value), walk);
  if (typeof value === 'number') return spend(redactNumber(value), walk);
  if (value === null || typeof value === 'boolean') return spend(value, walk);
  if (place.depth >= MAX_DEPTH) return spend(`[more than ${MAX_DEPTH} levels]`, walk);
  walk.room -= 2;
  return isJsonObject(value) ? redactObject(value, place, walk) : redactArray(value, place, walk);
};

const redactArray = (items: readonly JsonValue[], place: Place, walk: Walk): JsonValue => {
  const shown: JsonValue[] = [];
  for (const item of items) {
    if (shown.length === MAX_ENTRIES || walk.room <= 0) break;
    shown.push(redactNode(item, enter(place, shown.length), walk));
  }
  const omitted = items.length - shown.length;
  return omitted === 0 ? shown : [...shown, `[${omitted} more]`];
};

const redactObject = (object: JsonObject, place: Place, walk: Walk): JsonValue => {
  const keys = Object.keys(object);
  const shown: Record<string, JsonValue> = {};
  let count = 0;
  for (const key of keys) {
    const { text, bytes, isSecret } = walk.shownKey(key);
    if (count === MAX_ENTRIES || bytes >= walk.room) break;
    walk.room -= bytes;
    const child = object[key] ?? null;
    show(shown, text, isSecret ? spend(REDACTED, walk) : redactNode(child, enter(place, key), walk));
    count += 1;
  }
  if (count < keys.length) shown['…'] = `[${keys.length - count} more]`;
  return shown;
};

/** An assignment to `__proto__` would set the prototype; to define every property, as `Object.fromEntries` does, takes three times as long. */
const show = (shown: Record<string, JsonValue>, key: string, value: JsonValue): void => {
  if (key === '__proto__') Object.defineProperty(shown, key, { value, enumerable: true, configurable: true });
  else shown[key] = value;
};

const enter = ({ positions, depth }: Place, child: string | number): Place => ({
  depth: depth + 1,
  // Without the set, `$..*..*..x` would double its positions at every level.
  positions:
    positions.length === 0 ? positions : [...new Set(positions.flatMap((position) => follow(position, child)))],
});

const follow = (position: PathPosition, child: string | number): readonly PathPosition[] => {
  const { step, next } = position;
  if (step === undefined || next === undefined) return [];
  const isMatch = step.selector.kind === 'any' || selected(step.selector) === child;
  return [...(isMatch ? [next] : []), ...(step.isDeep ? [position] : [])];
};

const selected = (selector: Exclude<PathStep['selector'], { readonly kind: 'any' }>): string | number =>
  selector.kind === 'key' ? selector.key : selector.index;

const redactNumber = (value: number): JsonValue => {
  if (isCardNumber(String(value))) return REDACTED;
  // Beyond 2^53 the digits were not read exactly: shown, they would be another number, or most of a 19-digit card's.
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? '[inexact number]' : value;
};

const redactString = (text: string): string => {
  if (text.length <= MAX_SEARCHED_CHARACTERS) return shorten(redactText(text), MAX_STRING_CHARACTERS, text.length);
  const redacted = redactText(text.slice(0, MAX_SEARCHED_CHARACTERS));
  const sure = redacted.slice(0, Math.max(0, redacted.length - UNSURE_CHARACTERS));
  return `${cutAt(sure, MAX_STRING_CHARACTERS)}… [${text.length} characters]`;
};

const shorten = (text: string, max: number, length = text.length): string =>
  text.length <= max ? text : `${cutAt(text, max)}… [${length} characters]`;

/** Never between the two halves of a character outside the BMP. */
const cutAt = (text: string, max: number): string => text.slice(0, max).replace(/[\uD800-\uDBFF]$/, '');

/** Takes the value's JSON out of the room that is left; a value too large for it is left out. */
const spend = (value: JsonValue, walk: Walk): JsonValue => {
  const bytes = jsonBytes(value);
  if (bytes > walk.room) {
    walk.room -= jsonBytes(OMITTED);
    return OMITTED;
  }
  walk.room -= bytes;
  return value;
};

const OMITTED = '[omitted]';

/** With the comma or colon after it. */
const jsonBytes = (value: JsonValue): number => Buffer.byteLength(JSON.stringify(value)) + 1;
