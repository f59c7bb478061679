import type { EntityCheck, KongField, NamedField } from './kong-schema.ts';

/** What a configuration needs to know about a plugin. */
export interface PluginSchema {
  readonly name: string;
  /** The `config` record. */
  readonly config: KongField;
  /** Checks over the whole plugin entity (`config.allow`, ...). */
  readonly checks: readonly EntityCheck[];
  /** Scopes that Kong refuses for it (`no_consumer`). */
  readonly refusedScopes: readonly ('route' | 'service' | 'consumer')[];
}

/** A schema as a plugin server dumps it: `{ name, fields: [{ config: { type: 'record', fields } }], entity_checks }`. */
export const toPluginSchema = (dump: { readonly name: string; readonly fields: readonly unknown[] }): PluginSchema => {
  const named = new Map(dump.fields.flatMap((field) => Object.entries(field as NamedField)));
  const checks = (dump as { readonly entity_checks?: readonly EntityCheck[] }).entity_checks;
  const scopes = ['route', 'service', 'consumer'] as const;
  return {
    name: dump.name,
    config: { ...recordsRequired(named.get('config') ?? { type: 'record', fields: [] }), required: true },
    checks: checks ?? [],
    refusedScopes: scopes.filter((scope) => named.get(scope)?.eq === null && named.has(scope)),
  };
};

/** A record that is a field is required unless it says otherwise; one in a list is not looked at (kong/db/schema/entity.lua). */
const recordsRequired = (field: KongField): KongField =>
  field.type === 'record'
    ? { ...field, required: field.required ?? true, fields: field.fields?.map(namedRecordsRequired) ?? [] }
    : field;

const namedRecordsRequired = (named: NamedField): NamedField =>
  Object.fromEntries(Object.entries(named).map(([name, field]) => [name, recordsRequired(field)]));
