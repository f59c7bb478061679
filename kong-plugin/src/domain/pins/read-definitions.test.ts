import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../json/json-value.ts';
import { readDefinitions, readListResult } from './read-definitions.ts';

describe('what is read of a tools/list result', () => {
  it('is the pinned part of each tool, in the order of the server', () => {
    const result = {
      tools: [
        { name: 'b', icons: [] },
        { name: 'a', description: 'x', _meta: {} },
      ],
      ttlMs: 5,
    };
    expect(readDefinitions(result)).toEqual({
      ok: true,
      value: { definitions: [{ name: 'b' }, { name: 'a', description: 'x' }], isLast: true },
    });
  });

  it.each<[string, JsonValue, object]>([
    ['no cursor: the last page', { tools: [] }, { isLast: true }],
    ['a cursor: not the last page', { tools: [], nextCursor: 'c' }, { isLast: false, nextCursor: 'c' }],
    ['an empty cursor is a cursor', { tools: [], nextCursor: '' }, { isLast: false, nextCursor: '' }],
    [
      'a cursor that is no text: not the last page, and none to follow',
      { tools: [], nextCursor: null },
      { isLast: false },
    ],
  ])('%s', (_title, result, expected) => {
    expect(readDefinitions(result)).toEqual({ ok: true, value: { definitions: [], ...expected } });
  });
});

describe('what is refused as a list', () => {
  it.each<[string, string, string]>([
    ['no object', '[]', 'the result is not an object'],
    ['no tools', '{"prompts":[]}', 'the result has no list of tools'],
    ['tools that are no list', '{"tools":{}}', 'the result has no list of tools'],
    ['a tool that is no object', '{"tools":["a"]}', 'a tool is not an object'],
    ['a tool without a name', '{"tools":[{"title":"a"}]}', 'a tool has no name'],
    ['an empty name', '{"tools":[{"name":""}]}', 'a tool has no name'],
    ['two tools of one name', '{"tools":[{"name":"a"},{"name":"b"},{"name":"a"}]}', 'two tools have the same name'],
    [
      'a name of 257 characters',
      `{"tools":[{"name":"${'n'.repeat(257)}"}]}`,
      'a tool name has more than 256 characters',
    ],
    [
      'a description given twice',
      '{"tools":[{"name":"a","description":"good","description":"bad"}]}',
      'the list is not read: The key "description" occurs twice in one object.',
    ],
    [
      'a schema of 65 levels',
      `{"tools":[{"name":"a","inputSchema":${'['.repeat(62)}${']'.repeat(62)}}]}`,
      'the list is not read: Nest at most 64 levels deep.',
    ],
    ['text that is not JSON', '{"tools":[}', 'the list is not read: The body is not valid JSON.'],
  ])('%s', (_title, text, error) => {
    expect(readListResult(text)).toEqual({ ok: false, error });
  });

  it('is not a name of 256 characters nor a schema of 64 levels', () => {
    const name = 'n'.repeat(256);
    const text = `{"tools":[{"name":"${name}","inputSchema":${'['.repeat(61)}${']'.repeat(61)}}]}`;
    const read = readListResult(text);
    expect(read.ok && read.value.definitions[0]?.name).toBe(name);
  });
});
