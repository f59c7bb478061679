import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { canonicalDefinition, toolHash } from './tool-hash.ts';

const tool: JsonObject = {
  name: 'create_refund',
  title: 'Refund',
  description: 'Pays money back.',
  inputSchema: { type: 'object', properties: { amount: { type: 'number', maximum: 1000 } }, required: ['amount'] },
  outputSchema: { type: 'object' },
  annotations: { destructiveHint: true },
};

describe('the hash of a tool', () => {
  it('is the SHA-256 of the RFC 8785 text of the six pinned fields', () => {
    expect(canonicalDefinition({ name: 'a', description: 'b', _meta: {} })).toBe('{"description":"b","name":"a"}');
    // printf '{"description":"b","name":"a"}' | sha256sum
    expect(toolHash({ name: 'a', description: 'b' })).toBe(
      'bd32a937d435bbeacc1cb7d28c6609bdc559437b56fd0377227aa26100d374d5',
    );
  });

  it.each<[string, JsonValue]>([
    ['the order of keys', JSON.parse('{"description":"b","name":"a"}') as JsonValue],
    ['icons, _meta, execution and unknown fields', { name: 'a', description: 'b', icons: [], _meta: { x: 1 }, x: 2 }],
  ])('does not depend on %s', (_title, other) => {
    expect(toolHash(other)).toBe(toolHash({ name: 'a', description: 'b' }));
  });

  it.each<[string, JsonObject]>([
    ['the name', { ...tool, name: 'create_refund2' }],
    ['the title', { ...tool, title: 'refund' }],
    ['one blank at the end of the description', { ...tool, description: 'Pays money back. ' }],
    ['an invisible character in the description', { ...tool, description: 'Pays money\u200B back.' }],
    ['a composed letter written in two', { ...tool, description: 'Pays money back\u0301.' }],
    [
      'a bound deep in the schema',
      { ...tool, inputSchema: { type: 'object', properties: { amount: { maximum: 9 } } } },
    ],
    ['the output schema', { ...tool, outputSchema: { type: 'string' } }],
    ['an annotation', { ...tool, annotations: { destructiveHint: false } }],
    ['a field that is null instead of absent', { name: 'create_refund', title: null }],
  ])('changes with %s', (_title, other) => {
    expect(toolHash(other)).not.toBe(toolHash(tool));
    expect(toolHash(other)).not.toBe(toolHash({ name: 'create_refund' }));
  });

  it('takes a field named __proto__ in a schema for what it is', () => {
    const schema = (text: string): JsonValue => ({ name: 'a', inputSchema: JSON.parse(text) as JsonValue });
    expect(toolHash(schema('{"__proto__":{"evil":1}}'))).not.toBe(toolHash(schema('{}')));
  });
});
