/** PDK functions whose result Kong sends as bin; every other Lua string goes out as str. */
const rawBodies: ReadonlySet<string> = new Set([
  'kong.request.get_raw_body',
  'kong.response.get_raw_body',
  'kong.service.response.get_raw_body',
]);

const multiMaps: ReadonlySet<string> = new Set([
  'kong.request.get_query',
  'kong.request.get_headers',
  'kong.response.get_headers',
  'kong.service.response.get_headers',
]);

/** The `Data` of a step as Kong would write it: absent for nil. */
export function toAnswerFields(method: string, result: unknown): { readonly Data?: unknown } {
  if (result === undefined || result === null) return {};
  if (rawBodies.has(method)) return { Data: typeof result === 'string' ? Buffer.from(result) : result };
  if (multiMaps.has(method)) return { Data: toMultiMap(result as Readonly<Record<string, unknown>>) };
  return { Data: throughLua(result) };
}

/** A name without value is an empty list, and a single value a list of one. */
const toMultiMap = (map: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(
    Object.entries(map).map(([name, value]) => [
      name,
      value === true ? [] : typeof value === 'string' ? [value] : value,
    ]),
  );

/** What a value looks like after it was a Lua value: nil fields are gone, an empty table is a list, bytes are a str. */
export function throughLua(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(throughLua);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined && field !== null);
  return fields.length === 0 ? [] : Object.fromEntries(fields.map(([name, field]) => [name, throughLua(field)]));
}
