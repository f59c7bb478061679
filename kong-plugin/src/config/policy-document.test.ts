import { readFileSync } from 'node:fs';
import path from 'node:path';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { JsonObject, JsonValue } from '../domain/json/json-value.ts';
import { checkSnapshot } from '../domain/snapshot/check-snapshot.ts';
import { policyDocument } from '../domain/snapshot/policy-document.ts';
import { readSnapshot } from '../domain/snapshot/read-snapshot.ts';
import { fullDocument } from '../domain/snapshot/testing/fixtures.ts';
import { toJsonSchema } from '../domain/snapshot/to-json-schema.ts';
import { parseSnapshot } from './parse-snapshot.ts';

const docs = path.resolve(import.meta.dirname, '../../../docs');
const manual = readFileSync(path.join(docs, 'policy.md'), 'utf8');
const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(manual) ?? [];

const schema: JsonObject = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Policy of mcp-governance',
  ...toJsonSchema(policyDocument),
};
const { $schema: _draft, ...plainSchema } = schema;
const validate = new AjvJsonSchemaValidator().getValidator<JsonValue>(plainSchema);
const isValid = (document: JsonValue): boolean => validate(document).valid;

const rule = (more: JsonObject): JsonValue => ({ version: 1, rules: [{ id: 'r', effect: 'allow', ...more }] });
const when = (condition: JsonObject): JsonValue => rule({ when: [condition] });

describe('docs/policy.md', () => {
  it('has an example that is read without an issue and without a finding', () => {
    const read = parseSnapshot(example);
    expect(read).toMatchObject({ ok: true });
    if (read.ok) expect(checkSnapshot(read.value, { knownServers: ['orders'] })).toEqual([]);
  });

  it('names every field of the schema', () => {
    const names = (node: JsonValue): readonly string[] => {
      if (typeof node !== 'object' || node === null) return [];
      const { properties = {} } = node as { readonly properties?: JsonObject };
      return [...Object.keys(properties), ...Object.values(node as JsonObject).flatMap(names)];
    };
    // The words of callers and items are explained in docs/configuration.md, pins in docs/tool-pins.md.
    const elsewhere = ['custom_ids', 'tags', 'groups', 'anonymous', 'prompts', 'resources', 'pin'];
    const missing = [...new Set(names(plainSchema))].filter((name) => !new RegExp(`\\b${name}\\b`).test(manual));
    expect(missing.filter((name) => !elsewhere.includes(name))).toEqual([]);
  });
});

describe('docs/policy.schema.json', () => {
  it('is made from the table that the gateway reads with (vitest run kong-plugin/src/config/policy-document.test.ts -u writes it)', async () => {
    const file = path.join(docs, 'policy.schema.json');
    const text = await format(JSON.stringify(schema), { ...(await resolveConfig(file)), parser: 'json' });
    await expect(text).toMatchFileSnapshot(file);
  });

  it.each<[string, JsonValue]>([
    ['the example', parse(example) as JsonValue],
    ['every field', fullDocument],
    ['the smallest document', { version: 1 }],
    ['conditions', when({ argument: '', equals: null })],
  ])('accepts %s, as the reader does', (_, document) => {
    expect([readSnapshot(document).ok, isValid(document)]).toEqual([true, true]);
  });

  it.each<[string, JsonValue]>([
    ['no version', {}],
    ['an unknown field', { version: 1, tenant: [] }],
    ['an unknown effect', rule({ effect: 'alow' })],
    ['no list', rule({ tools: 'x' })],
    ['an empty list of callers', rule({ callers: { tenants: [] } })],
    ['an id with *', rule({ id: 'a*' })],
    ['a long id', rule({ id: 'a'.repeat(129) })],
    ['a comparison without an argument', when({ at_most: 5 })],
    ['two kinds of condition', when({ argument: '/a', equals: 1, methods: ['x'] })],
    ['a pointer without /', when({ argument: 'a', equals: 1 })],
    ['a number in quotes', when({ argument: '/a', less: '5' })],
    ['9:00', when({ time: { zone: 'UTC', from: '9:00' } })],
    ['half a unit', { version: 1, limits: [{ id: 'l', limit: 0.5, window: 'day', per: [] }] }],
    ['a pin in capitals', { version: 1, servers: [{ id: 's', tools: [{ name: 'x', pin: 'AB'.repeat(32) }] }] }],
  ])('refuses %s, as the reader does', (_, document) => {
    expect([readSnapshot(document).ok, isValid(document)]).toEqual([false, false]);
  });
});
