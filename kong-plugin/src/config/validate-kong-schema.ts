import { failure, success, type Result } from '../domain/result.ts';
import type { KongField, KongList, KongMap, KongNumber, KongRecord, KongString, NamedField } from './kong-schema.ts';

type Field = KongField | Omit<KongField, 'description'>;

/** Kong adds these to every configuration that it hands to a plugin server (facts: kong/runloop/plugins_iterator.lua). */
const kongOwnFields = new Set([
  '__plugin_id',
  '__key__',
  '__seq__',
  '__ws_id',
  'route_id',
  'service_id',
  'consumer_id',
  'plugin_instance_name',
  '$refs',
]);

/** Names the fields of a record that Kong filled from a vault, in that record itself (kong/db/schema/init.lua, `process_auto_fields`). */
const kongReferences: ReadonlySet<string> = new Set(['$refs']);

/**
 * Checks `value` against Kong schema fields and fills defaults, as Kong does. All issues are listed, each as
 * `path: what is wrong and how to mend it`. Null counts as absent. Never throws.
 */
export const validateKongRecord = (
  fields: readonly NamedField[],
  value: unknown,
  options: { readonly path: string; readonly allowKongOwnFields?: boolean },
): Result<Readonly<Record<string, unknown>>, readonly string[]> => {
  const issues: string[] = [];
  const checked = checkRecord({ type: 'record', fields }, value, {
    path: options.path,
    issues,
    tolerated: options.allowKongOwnFields === true ? kongOwnFields : nothing,
  });
  return issues.length === 0 ? success(checked as Readonly<Record<string, unknown>>) : failure(issues);
};

interface Place {
  readonly path: string;
  readonly issues: string[];
  /** Fields of Kong's own that a record may have here. */
  readonly tolerated: ReadonlySet<string>;
}

const nothing: ReadonlySet<string> = new Set();

const inside = ({ issues, tolerated }: Place, path: string): Place => ({
  path,
  issues,
  tolerated: tolerated.size === 0 ? nothing : kongReferences,
});

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Lua cannot tell `{}` from `[]`: an empty array is an empty record or map as well. */
const isEmptyArray = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

const checkRecord = (field: Pick<KongRecord, 'type' | 'fields'>, value: unknown, place: Place): unknown => {
  const table = isEmptyArray(value) ? {} : value;
  if (!isTable(table)) return report(place, 'expected a record (a map of fields)');
  const known = new Map(field.fields.flatMap((named) => Object.entries(named)));
  for (const key of Object.keys(table)) {
    if (!known.has(key) && !place.tolerated.has(key))
      report({ ...place, path: join(place.path, key) }, `unknown field; known fields: ${[...known.keys()].join(', ')}`);
  }
  const entries = [...known].flatMap(([name, child]) => {
    const given = Object.hasOwn(table, name) ? table[name] : undefined;
    const checked = checkOptional(child, given, inside(place, join(place.path, name)));
    return checked === undefined ? [] : [[name, checked] as const];
  });
  return Object.fromEntries(entries);
};

const checkOptional = (field: KongField, value: unknown, place: Place): unknown => {
  if (value !== undefined && value !== null) return checkField(field, value, place);
  if (field.default !== undefined) return checkField(field, field.default, place);
  // Kong fills a required record from its fields' defaults even when it is left out (kong/db/schema: process_auto_fields).
  if (field.type === 'record' && field.required === true) return checkRecord(field, {}, place);
  return field.required === true ? report(place, 'required field missing') : undefined;
};

const checkField = (field: Field, value: unknown, place: Place): unknown => {
  switch (field.type) {
    case 'string':
      return checkString(field as KongString, value, place);
    case 'integer':
    case 'number':
      return checkNumber(field as KongNumber, value, place);
    case 'boolean':
      return typeof value === 'boolean' ? value : report(place, 'expected true or false');
    case 'array':
    case 'set':
      return checkList(field as KongList, value, place);
    case 'map':
      return checkMap(field as KongMap, value, place);
    case 'record':
      return checkRecord(field as KongRecord, value, place);
  }
};

const checkString = (field: Omit<KongString, 'description'>, value: unknown, place: Place): unknown => {
  if (typeof value !== 'string') return report(place, 'expected a string');
  if (field.one_of !== undefined && !field.one_of.includes(value))
    return report(place, `expected one of: ${field.one_of.join(', ')}`);
  // Kong refuses empty strings unless len_min is 0.
  if (value.length < (field.len_min ?? 1)) return report(place, `length must be at least ${field.len_min ?? 1}`);
  if (field.len_max !== undefined && value.length > field.len_max)
    return report(place, `length must be at most ${field.len_max}`);
  return value;
};

const checkNumber = (field: KongNumber, value: unknown, place: Place): unknown => {
  if (typeof value !== 'number' || (field.type === 'integer' && !Number.isInteger(value)))
    return report(place, `expected ${field.type === 'integer' ? 'an integer' : 'a number'}`);
  const [low, high] = field.between ?? [-Infinity, Infinity];
  return value >= low && value <= high ? value : report(place, `value should be between ${low} and ${high}`);
};

const checkList = (field: Omit<KongList, 'description'>, value: unknown, place: Place): unknown => {
  const list = isTable(value) && Object.keys(value).length === 0 ? [] : value;
  if (!Array.isArray(list)) return report(place, 'expected a list');
  if (list.length < (field.len_min ?? 0)) return report(place, `length must be at least ${field.len_min ?? 0}`);
  if (list.length > (field.len_max ?? Infinity))
    return report(place, `length must be at most ${field.len_max ?? Infinity}`);
  const checked = list.map((item: unknown, index) =>
    checkField(field.elements as Field, item, inside(place, `${place.path}[${index + 1}]`)),
  );
  // A set in Kong drops repeated values.
  return field.type === 'set' ? [...new Set(checked)] : checked;
};

const checkMap = (field: KongMap, value: unknown, place: Place): unknown => {
  const table = isEmptyArray(value) ? {} : value;
  if (!isTable(table)) return report(place, 'expected a map');
  return Object.fromEntries(
    Object.entries(table).map(([key, item]) => {
      const entry = inside(place, join(place.path, key));
      checkString(field.keys, key, entry);
      return [key, checkField(field.values, item, entry)];
    }),
  );
};

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

const report = (place: Place, problem: string): undefined => {
  place.issues.push(`${place.path === '' ? 'config' : place.path}: ${problem}`);
  return undefined;
};
