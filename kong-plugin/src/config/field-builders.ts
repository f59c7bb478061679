import type { KongField, NamedField } from './kong-schema.ts';

/** A list of up to 1,000 strings. */
export const names = (description: string, values: readonly string[] = []): KongField => ({
  type: 'array',
  elements: { type: 'string', len_max: 512 },
  len_max: 1000,
  default: values,
  description,
});

/** One of a few words; the first is the default. */
export const choice = (description: string, values: readonly [string, ...string[]]): KongField => ({
  type: 'string',
  one_of: values,
  default: values[0],
  description,
});

/** A record that is there with its defaults even when it is left out. */
export const record = (description: string, fields: readonly NamedField[]): KongField => ({
  type: 'record',
  required: true,
  fields,
  description,
});
