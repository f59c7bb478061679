import { checkEntity } from './entity-checks.ts';
import { checkValue } from './field-validators.ts';
import type { ConfigIssue, KongField, NamedField } from './kong-schema.ts';

export type Fields = Readonly<Record<string, unknown>>;

interface Place {
  readonly path: readonly (string | number)[];
  readonly issues: ConfigIssue[];
}

export const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Checks a record against Kong schema fields and fills defaults, as Kong does on insert. Absent optional fields become
 * `null`, which is how the Admin API shows them; `withoutNulls` makes what a plugin is given.
 */
export const processRecord = (fields: readonly NamedField[], value: Fields, place: Place): Fields => {
  const known = new Map(fields.flatMap((named) => Object.entries(named)));
  for (const key of Object.keys(value)) if (!known.has(key)) report(child(place, key), 'unknown field');
  return Object.fromEntries(
    [...known].map(([name, field]) => [name, processField(field, value[name], child(place, name))]),
  );
};

const processField = (field: KongField, value: unknown, place: Place): unknown => {
  const given = value === undefined ? missing(field) : value;
  if (given === undefined || given === null) {
    if (field.required === true) report(place, 'required field missing');
    return null;
  }
  const problem = checkType(field, given);
  if (problem !== undefined) {
    report(place, problem);
    return given;
  }
  const processed = processContents(field, given, place);
  const invalid = checkValue(given, field);
  if (invalid !== undefined) report(place, invalid);
  return processed;
};

/** A default, or for a required record without one the record of its fields' defaults (`handle_missing_field`). */
const missing = (field: KongField): unknown => {
  if (field.default !== undefined) return structuredClone(field.default);
  return field.required === true && field.type === 'record' ? {} : undefined;
};

const processContents = (field: KongField, value: unknown, place: Place): unknown => {
  if (field.type === 'record') {
    const record = processRecord(field.fields ?? [], (Array.isArray(value) ? {} : value) as Fields, place);
    for (const message of checkEntity(field.entity_checks ?? [], record)) report(child(place, '@entity'), message);
    return record;
  }
  if (field.type === 'array' || field.type === 'set') return processList(field, value as readonly unknown[], place);
  if (field.type === 'map') return processMap(field, value as Fields, place);
  return value;
};

const processList = (field: KongField, value: readonly unknown[], place: Place): unknown => {
  const { elements } = field;
  const list =
    elements === undefined ? value : value.map((item, index) => processField(elements, item, child(place, index + 1)));
  return field.type === 'set' ? [...new Set(list)] : list;
};

const processMap = (field: KongField, value: Fields, place: Place): unknown => {
  const { keys, values } = field;
  if (Array.isArray(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const wrongKey = keys === undefined ? undefined : (checkType(keys, key) ?? checkValue(key, keys));
      if (wrongKey !== undefined) report(child(place, key), wrongKey);
      return [key, values === undefined ? item : processField({ ...values, required: true }, item, child(place, key))];
    }),
  );
};

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

const isMapping = (value: unknown): boolean => isPlainObject(value) || isEmptyList(value);

/** Each type with Kong's word for it. */
const types: Readonly<Record<KongField['type'], readonly [string, (value: unknown) => boolean]>> = {
  string: ['a string', (value) => typeof value === 'string'],
  number: ['a number', (value) => typeof value === 'number'],
  integer: ['an integer', (value) => Number.isInteger(value)],
  boolean: ['a boolean', (value) => typeof value === 'boolean'],
  array: ['an array', (value) => Array.isArray(value)],
  set: ['a set', (value) => Array.isArray(value)],
  map: ['a map', isMapping],
  record: ['a record', isMapping],
  foreign: ['a reference', () => true],
  json: ['a value', () => true],
  any: ['a value', () => true],
};

const checkType = (field: KongField, value: unknown): string | undefined => {
  const [name, fits] = types[field.type];
  if (!fits(value)) return `expected ${name}`;
  return typeof value === 'string' ? checkEmpty(field, value) : undefined;
};

/** Kong refuses an empty string unless the field says `len_min: 0`. */
const checkEmpty = (field: KongField, value: string): string | undefined =>
  value === '' && field.len_min !== 0 ? 'length must be at least 1' : undefined;

const child = (place: Place, step: string | number): Place => ({ path: [...place.path, step], issues: place.issues });

const report = (place: Place, message: string): void => {
  place.issues.push({ path: place.path, message });
};

/** The value without its null fields: what reaches a plugin and the PDK. */
export const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) =>
      item === null || item === undefined ? [] : [[key, withoutNulls(item)]],
    ),
  );
};
