import type { KongField } from './kong-schema.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

interface Resolved {
  readonly value: unknown;
  /** `{ token: '{vault://env/token}' }`, as Kong hands it to the plugin in `$refs`. */
  readonly references: Readonly<Record<string, unknown>>;
}

/**
 * Replaces `{vault://env/NAME}` in the `referenceable` string fields of a plugin's configuration, as Kong does when it
 * gives the configuration to the plugin (the Admin API shows the reference). A missing variable gives an empty string.
 */
export const resolveReferences = (field: KongField, value: unknown, environment: Environment): unknown =>
  resolve(field, value, environment).value;

const resolve = (field: KongField, value: unknown, environment: Environment): Resolved => {
  if (typeof value === 'string') return resolveText(field, value, environment);
  if (typeof value !== 'object' || value === null) return { value, references: {} };
  if (field.type === 'record') return resolveRecord(field, value as Record<string, unknown>, environment);
  const inner = field.elements ?? field.values;
  if (inner === undefined) return { value, references: {} };
  const item = (entry: unknown): unknown => resolve(inner, entry, environment).value;
  if (Array.isArray(value)) return { value: value.map(item), references: {} };
  return { value: Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, item(entry)])), references: {} };
};

const resolveText = (field: KongField, value: string, environment: Environment): Resolved => {
  const name = field.referenceable === true ? /^\{vault:\/\/env\/([^/{}?]+)\}$/.exec(value)?.[1] : undefined;
  if (name === undefined) return { value, references: {} };
  return { value: environment[name.toUpperCase().replaceAll('-', '_')] ?? '', references: { '': value } };
};

const resolveRecord = (field: KongField, value: Record<string, unknown>, environment: Environment): Resolved => {
  const fields = new Map((field.fields ?? []).flatMap((named) => Object.entries(named)));
  const references: Record<string, unknown> = {};
  const entries = Object.entries(value).map(([name, item]) => {
    const inner = fields.get(name);
    if (inner === undefined) return [name, item];
    const resolved = resolve(inner, item, environment);
    if ('' in resolved.references) references[name] = resolved.references[''];
    return [name, resolved.value];
  });
  const record = Object.fromEntries(entries) as Record<string, unknown>;
  if (Object.keys(references).length > 0) record['$refs'] = references;
  return { value: record, references: {} };
};
