import { canonicalJson } from '../json/canonical-json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/json-value.ts';
import { showHidden } from './hidden-characters.ts';
import { childPointer } from './json-strings.ts';

/** One place at which two definitions differ. */
export interface Difference {
  /** RFC 6901, e.g. `/inputSchema/properties/amount/maximum`. */
  readonly pointer: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly before?: JsonValue;
  readonly after?: JsonValue;
}

export interface DefinitionDiff {
  readonly differences: readonly Difference[];
  /** There are more differences than are listed. */
  readonly isCut: boolean;
}

/** More than anybody reads; a definition that differs in more is another tool. */
const MAX_DIFFERENCES = 200;

/** What changed from the approved definition to the current one, field by field, in the order of the keys. */
export const diffDefinitions = (approved: JsonValue, current: JsonValue): DefinitionDiff => {
  const differences: Difference[] = [];
  for (const difference of compare('', approved, current)) {
    if (differences.length === MAX_DIFFERENCES) return { differences, isCut: true };
    differences.push(difference);
  }
  return { differences, isCut: false };
};

function* compare(pointer: string, before: JsonValue, after: JsonValue): Generator<Difference> {
  const [left, right] = [membersOf(before), membersOf(after)];
  if (left !== undefined && right !== undefined && Array.isArray(before) === Array.isArray(after)) {
    yield* compareObjects(pointer, left, right);
  } else if (canonicalJson(before) !== canonicalJson(after)) {
    yield { pointer, change: 'changed', before, after };
  }
}

/**
 * What is compared piece by piece: objects, and lists of structures. A list of plain values (`required`, `enum`) is
 * shown as a whole: one entry in front would otherwise make every other one a difference.
 */
const membersOf = (value: JsonValue): JsonObject | undefined => {
  if (isJsonObject(value)) return value;
  if (!Array.isArray(value)) return undefined;
  const items = value as readonly JsonValue[];
  return items.every(isStructure) ? Object.fromEntries(items.entries()) : undefined;
};

const isStructure = (value: JsonValue): boolean => typeof value === 'object' && value !== null;

function* compareObjects(pointer: string, before: JsonObject, after: JsonObject): Generator<Difference> {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const child = childPointer(pointer, key);
    const [left, right] = [valueAt(before, key), valueAt(after, key)];
    if (left === undefined && right !== undefined) yield { pointer: child, change: 'added', after: right };
    else if (right === undefined && left !== undefined) yield { pointer: child, change: 'removed', before: left };
    else if (left !== undefined && right !== undefined) yield* compare(child, left, right);
  }
}

const valueAt = (object: JsonObject, key: string): JsonValue | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/** Characters of a value that a line shows. */
const MAX_SHOWN = 500;

/** Characters in front of the first difference of two texts that a line shows. */
const CONTEXT = 40;

/** The difference as a line of text; invisible characters are written out, so that an invisible change shows. */
export const describeDifference = ({ pointer, change, before, after }: Difference): string => {
  const place = showHidden(pointer === '' ? 'the definition' : pointer);
  if (change === 'added') return `${place} added: ${show(after)}`;
  if (change === 'removed') return `${place} removed: ${show(before)}`;
  const start = typeof before === 'string' && typeof after === 'string' ? firstDifference(before, after) : 0;
  return `${place} changed: ${show(from(before, start))} -> ${show(from(after, start))}`;
};

/** Where two texts part: what was added behind a long description must not be what is cut off. */
const firstDifference = (before: string, after: string): number => {
  let index = 0;
  while (index < before.length && before[index] === after[index]) index += 1;
  return Math.max(0, index - CONTEXT);
};

const from = (value: JsonValue | undefined, start: number): JsonValue | undefined =>
  typeof value === 'string' && start > 0 ? `...${value.slice(start)}` : value;

const show = (value: JsonValue | undefined): string => {
  const text = showHidden(canonicalJson(value ?? null));
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}... (${text.length} characters)`;
};
