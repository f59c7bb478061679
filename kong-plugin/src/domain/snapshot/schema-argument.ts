import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../json/json-value.ts';

/** What a JSON Schema says about the place that a pointer names. */
export type SchemaPlace =
  | { readonly known: 'present'; readonly types: ReadonlySet<string> | undefined }
  | { readonly known: 'absent'; readonly names: readonly string[] }
  /** The schema does not tell: references, free-form objects, conditions. */
  | { readonly known: 'unknown' };

const unknown: SchemaPlace = { known: 'unknown' };

/** `names`: what there is instead, where the pointer first leads nowhere. */
export const placeInSchema = (schema: JsonValue, tokens: readonly string[]): SchemaPlace => {
  let place: JsonValue | undefined = schema;
  for (const token of tokens) {
    if (!isJsonObject(place) || !isPlain(place)) return unknown;
    const next = childOf(place, token);
    if (next === undefined) return absentOrUnknown(place);
    place = next;
  }
  return isJsonObject(place) && isPlain(place) ? { known: 'present', types: typesOf(place) } : unknown;
};

/** Words that change what `properties` alone says. Schemas of tools rarely have them. */
const opaqueWords = [
  ...['$ref', '$dynamicRef', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'],
  ...['patternProperties', 'dependentSchemas', 'unevaluatedProperties'],
];

const isPlain = (schema: JsonObject): boolean => !opaqueWords.some((word) => Object.hasOwn(schema, word));

const childOf = (schema: JsonObject, token: string): JsonValue | undefined => {
  const properties = ownValue(schema, 'properties');
  const named = isJsonObject(properties) ? ownValue(properties, token) : undefined;
  if (named !== undefined) return named;
  const items = ownValue(schema, 'items');
  return /^\d+$/.test(token) && isJsonObject(items) ? items : undefined;
};

/**
 * Servers take properties that a schema does not name, but no caller is told to send them: only a schema that says so is
 * believed.
 */
const absentOrUnknown = (schema: JsonObject): SchemaPlace => {
  const more = ownValue(schema, 'additionalProperties');
  const properties = ownValue(schema, 'properties');
  const isOpen = more === true || isJsonObject(more);
  if (isOpen || (!isJsonObject(properties) && typesOf(schema)?.has('object') !== false)) return unknown;
  return { known: 'absent', names: isJsonObject(properties) ? Object.keys(properties) : [] };
};

const typesOf = (schema: JsonObject): ReadonlySet<string> | undefined => {
  const type = ownValue(schema, 'type');
  if (typeof type === 'string') return new Set([type]);
  if (!Array.isArray(type)) return undefined;
  return new Set((type as readonly JsonValue[]).filter((each) => typeof each === 'string'));
};
