import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ItemKind } from '../call.ts';
import { filterList, type ListAnswer } from './filter-list.ts';

const methods = {
  tool: 'tools/list',
  prompt: 'prompts/list',
  resource: 'resources/list',
  resourceTemplate: 'resources/templates/list',
} as const;

interface Changes extends Partial<Omit<ListAnswer, 'body' | 'call'>> {
  readonly itemKind?: ItemKind;
}

const filter = (body: string | Uint8Array, { itemKind = 'tool', ...changes }: Changes = {}) =>
  filterList({
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
    contentType: 'application/json',
    contentEncoding: undefined,
    status: 200,
    call: { kind: 'list', method: methods[itemKind], itemKind },
    era: 'legacy',
    id: 1,
    mayUse: (_kind, name) => name.startsWith('ok'),
    ...changes,
  });

const filtered = (body: string | Uint8Array, changes: Changes = {}) => {
  const result = filter(body, changes);
  if (!result.ok) throw new Error(result.error.why);
  return result.value;
};

const answer = (items: string, rest = ''): string => `{"jsonrpc":"2.0","id":1,"result":{"tools":${items}${rest}}}`;
const stream = { contentType: 'text/event-stream' };
const modern = { era: 'modern' } as const;

describe('a JSON answer', () => {
  it('loses 2 of 3 tools and keeps every other byte', () => {
    const kept =
      '{ "name" : "ok" , "big":12345678901234567890,"float":1.0,"exp":1e5, "o":{}, "a":[ ], "s":"]}\\"\\\\", "é":"\\u00e9" }';
    const before = '{"jsonrpc": "2.0", "x-order":1}'.slice(0, 17);
    const text = `${before}, "id":1,"result":{"_meta":{"z":1.0,"a":{}},"tools": [ {"name":"no1"}, ${kept} ,{"name":"no2"}],"nextCursor":"","extra":1e2}}`;
    expect(filtered(text)).toEqual({
      body: `${before}, "id":1,"result":{"_meta":{"z":1.0,"a":{}},"tools": [${kept}],"nextCursor":"","extra":1e2}}`,
      contentType: 'application/json',
      kept: 1,
      total: 3,
      result: `{"_meta":{"z":1.0,"a":{}},"tools": [ {"name":"no1"}, ${kept} ,{"name":"no2"}],"nextCursor":"","extra":1e2}`,
    });
  });

  it('is the same text when every tool is allowed', () => {
    const text = ` ${answer('[ {"name":"ok1"},\n {"name":"ok2"} ]', ',"nextCursor":"c"')}\n`;
    expect(filtered(text)).toMatchObject({ body: text, contentType: 'application/json', kept: 2, total: 2 });
  });

  it.each(['[]', '[ ]', '[{"name":"no"}]'])('keeps its cursor when the list %s has nothing to show', (items) => {
    const list = filtered(answer(items, ',"nextCursor":""'));
    expect(list.kept).toBe(0);
    expect(JSON.parse(list.body)).toEqual({ jsonrpc: '2.0', id: 1, result: { tools: [], nextCursor: '' } });
  });

  it('keeps the order of items', () => {
    const list = filtered(answer('[{"name":"ok3"},{"name":"no"},{"name":"ok1"},{"name":"ok2"}]'));
    expect(list.body).toBe(answer('[{"name":"ok3"},{"name":"ok1"},{"name":"ok2"}]'));
  });

  it.each<[ItemKind, string, string]>([
    ['tool', 'tools', 'name'],
    ['prompt', 'prompts', 'name'],
    ['resource', 'resources', 'uri'],
    ['resourceTemplate', 'resourceTemplates', 'uriTemplate'],
  ])('of kind %s is judged by %s[].%s', (itemKind, list, key) => {
    const item = (value: string) => `{"title":"x","${key}":"${value}"}`;
    const text = (items: string) => `{"jsonrpc":"2.0","id":1,"result":{"${list}":[${items}]}}`;
    const asked: string[] = [];
    const mayUse = (kind: ItemKind, name: string) => (asked.push(`${kind} ${name}`), name.startsWith('ok'));
    expect(filtered(text(`${item('no:1')},${item('ok:1')}`), { itemKind, mayUse }).body).toBe(text(item('ok:1')));
    expect(asked).toEqual([`${itemKind} no:1`, `${itemKind} ok:1`]);
  });

  it('judges the name that the escapes stand for, and sends it as it was written', () => {
    const text = answer('[{"name":"\\u006f\\u006b"},{"name":"\\u006eo"}]');
    expect(filtered(text).body).toBe(answer('[{"name":"\\u006f\\u006b"}]'));
  });

  it('is not fooled by brackets, quotes and names inside strings and schemas', () => {
    const kept =
      '{"name":"ok","d":"\\\\\\"},{\\"name\\":\\"no\\"","inputSchema":{"properties":{"name":{"type":"no"},"Name":{}},"tools":[{"name":"no"}]}}';
    const text = answer(`[${kept},{"name":"no","d":"\\\\"}]`);
    expect(filtered(text).body).toBe(answer(`[${kept}]`));
  });

  it('may be nested 100,000 levels deep', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(filtered(answer(`[{"name":"ok","x":${deep}},{"name":"no"}]`)).kept).toBe(1);
  });

  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
  ])('is read as %s', (contentType) => {
    expect(filtered(answer('[]'), { contentType }).contentType).toBe('application/json');
  });

  it.each([undefined, '', 'identity', ' Identity '])('is read with the content encoding %j', (contentEncoding) => {
    expect(filtered(answer('[]'), { contentEncoding }).total).toBe(0);
  });

  it('passes unchanged when it is a JSON-RPC error', () => {
    const text = '{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Bad cursor", "data":1.0}}';
    expect(filtered(text)).toEqual({ body: text, contentType: 'application/json', kept: 0, total: 0 });
  });

  it('has a string id when the request had one', () => {
    expect(filter('{"jsonrpc":"2.0","id":"a","result":{"tools":[]}}', { id: 'a' }).ok).toBe(true);
  });
});

describe('a modern answer', () => {
  const result = (members: string): string => `{"jsonrpc":"2.0","id":1,"result":{${members}}}`;
  it.each<[string, string]>([
    ['"tools":[],"cacheScope":"public","ttlMs":300000,"x":1', '"tools":[],"cacheScope":"private","ttlMs":60000,"x":1'],
    ['"ttlMs": 60000,"tools":[]', '"ttlMs": 60000,"tools":[],"cacheScope":"private"'],
    ['"ttlMs":0,"cacheScope" : "private","tools":[]', '"ttlMs":0,"cacheScope" : "private","tools":[]'],
    ['"ttlMs":1e9,"cacheScope":7,"tools":[{"name":"no"}]', '"ttlMs":60000,"cacheScope":"private","tools":[]'],
    ['"tools":[{"name":"ok"}] ', '"tools":[{"name":"ok"}] ,"cacheScope":"private"'],
  ])('with %s becomes %s', (before, after) => {
    expect(filtered(result(before), modern).body).toBe(result(after));
  });

  it('without a ttlMs gets none', () => {
    expect(filtered(result('"tools":[]'), modern).body).not.toContain('ttlMs');
  });

  it('with a ttlMs that is no number is refused', () => {
    expect(filter(result('"tools":[],"ttlMs":"300000"'), modern).ok).toBe(false);
  });

  it('is left alone in the legacy era', () => {
    const text = result('"tools":[],"cacheScope":"public","ttlMs":300000');
    expect(filtered(text).body).toBe(text);
  });
});

describe('an event stream', () => {
  const list = answer('[{"name":"ok"},{"name":"no"}]');
  const short = answer('[{"name":"ok"}]');
  it.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('with %s keeps comments, priming events, ids, retry and other messages byte for byte', (_title, end) => {
    const lines = (data: string) =>
      [
        ': keep-alive',
        '',
        'id: 0',
        'retry: 1000',
        'data:',
        '',
        'event: message',
        'data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1.0}}',
        '',
        'data: {"jsonrpc":"2.0","id":1,"method":"roots/list"}',
        '',
        'event: message',
        `data: ${data}`,
        'id: 7',
        '',
        ': bye',
        '',
        '',
      ].join(end);
    expect(filtered(lines(list), stream)).toEqual({
      body: lines(short),
      contentType: 'text/event-stream',
      kept: 1,
      total: 2,
      result: '{"tools":[{"name":"ok"},{"name":"no"}]}',
    });
  });

  it('may spread its data over several lines, and mix line endings', () => {
    const text =
      'data:{"jsonrpc":"2.0",\r\ndata: "id":1,"result":\rid: 1\ndata:{"tools":[{"name":"no"},\ndata: {"name":"ok","n":1.0}]}}\r\n\r\n: end\n';
    const body = filtered(text, stream).body;
    expect(body).toBe(
      'data: {"jsonrpc":"2.0",\r\ndata: "id":1,"result":\r\ndata: {"tools":[{"name":"ok","n":1.0}]}}\r\nid: 1\n\r\n: end\n',
    );
  });

  it('is byte for byte the same when nothing is cut', () => {
    const text = `event:message\ndata:${short.slice(0, 17)}\ndata:${short.slice(17)}\n\n`;
    expect(filtered(text, stream).body).toBe(text);
  });

  it('without a last blank line is filtered too, as some clients read it', () => {
    expect(filtered(`data: ${list}`, stream).body).toBe(`data: ${short}\n`);
  });

  it('passes an error answer unchanged', () => {
    const text = 'data: {"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"x"}}\n\n';
    expect(filtered(text, stream)).toEqual({ body: text, contentType: 'text/event-stream', kept: 0, total: 0 });
  });

  it.each<[string, string]>([
    ['has no answer', 'data: {"jsonrpc":"2.0","method":"notifications/x"}\n\n'],
    ['has only a priming event', 'id: 1\nretry: 500\ndata: \n\n'],
    ['is empty', ''],
    ['answers twice', `data: ${list}\n\ndata: ${list}\n\n`],
    [
      'answers with a result and an error',
      `data: ${list}\n\ndata: {"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}\n\n`,
    ],
    ['answers another id as well', `data: ${list}\n\ndata: ${list.replace('"id":1', '"id":2')}\n\n`],
    ['answers the id as a string as well', `data: ${list}\n\ndata: ${list.replace('"id":1', '"id":"1"')}\n\n`],
    ['has an event that is not JSON', `data: ${list}\n\nevent: ping\ndata: now\n\n`],
    ['starts with a byte order mark', `\ufeffdata: ${list}\n\ndata: ${list}\n\n`],
    ['has a field of another name', `data: ${list}\nDATA: ${list}\n\n`],
    ['has a field with a space before its name', `data: ${list}\n\n data: ${list}\n\n`],
    ['has a batch', `data: [${list}]\n\n`],
  ])('that %s is refused', (_title, text) => {
    expect(filter(text, stream).ok).toBe(false);
  });
});

describe('an answer that is not understood', () => {
  const list = answer('[{"name":"no"}]');
  it.each<[string, string | Uint8Array, Changes]>([
    ['a text', list, { contentType: 'text/plain' }],
    ['of no type', list, { contentType: undefined }],
    ['of two types', list, { contentType: 'application/json, text/html' }],
    ['in UTF-16', Buffer.from(list, 'utf16le'), { contentType: 'application/json; charset=utf-16le' }],
    ['in two charsets', list, { contentType: 'application/json; charset=utf-8; charset=utf-16' }],
    ['compressed', list, { contentEncoding: 'gzip' }],
    ['not UTF-8', Buffer.concat([Buffer.from(list.slice(0, -1)), Buffer.from([0xff, 0x7d])]), {}],
    ['with a byte order mark', `\ufeff${list}`, {}],
    ['empty', '', { status: 202 }],
    ['empty JSON', '', {}],
    ['cut', list.slice(0, -1), {}],
    ['a batch', `[${list}]`, {}],
    ['a string', '"tools"', {}],
    ['null', 'null', {}],
    ['with another id', list, { id: 2 }],
    ['with the id as a string', list, { id: '1' }],
    ['without an id', list.replace('"id":1,', ''), {}],
    ['with the id [1]', list.replace('"id":1', '"id":[1]'), {}],
    ['with two results', list.replace('"result"', '"result":{},"result"'), {}],
    ['with result and Result', list.replace('"result"', '"Result":{},"result"'), {}],
    ['with Result only', list.replace('"result"', '"Result"'), {}],
    ['with re\u017fult', list.replace('"result"', '"re\u017fult":{},"result"'), {}],
    ['with result\\u0000', list.replace('"result"', '"result\\u0000":{},"result"'), {}],
    ['with an escaped second result', list.replace('"result"', '"re\\u0073ult":{},"result"'), {}],
    ['with another key at the top', list.replace('"id"', '"tools":[],"id"'), {}],
    ['with result and error', list.replace('"id"', '"error":{"code":1,"message":""},"id"'), {}],
    ['with result and method', list.replace('"id"', '"method":"x","id"'), {}],
    ['with an error that is a list', '{"jsonrpc":"2.0","id":1,"error":[{"name":"no"}]}', {}],
    ['with an error of another id', '{"jsonrpc":"2.0","id":2,"error":{"code":1,"message":""}}', {}],
    ['with a list as result', '{"jsonrpc":"2.0","id":1,"result":[{"name":"no"}]}', {}],
    ['without tools', '{"jsonrpc":"2.0","id":1,"result":{"prompts":[]}}', {}],
    ['with tools as object', answer('{"a":{"name":"no"}}'), {}],
    ['with tools null', answer('null'), {}],
    ['with two lists of tools', answer('[{"name":"ok"}]', ',"tools":[{"name":"no"}]'), {}],
    ['with tools and Tools', answer('[]', ',"Tools":[{"name":"no"}]'), {}],
    ['with a tool that is a string', answer('["ok"]'), {}],
    ['with a tool without name', answer('[{"title":"ok"}]'), {}],
    ['with a tool whose name is a number', answer('[{"name":1}]'), {}],
    ['with a tool of two names', answer('[{"name":"ok","name":"no"}]'), {}],
    ['with a tool of name and Name', answer('[{"name":"ok","Name":"no"}]'), {}],
    ['with a tool of one other key twice', answer('[{"name":"ok","x":1,"x":2}]'), {}],
    ['with two tools of one name', answer('[{"name":"ok"},{"name":"ok"}]'), {}],
    ['with two hidden tools of one name', answer('[{"name":"no"},{"name":"\\u006eo"}]'), {}],
    ['of more than 8 MiB', answer('[]', ` ${' '.repeat(8 * 1024 * 1024)}`), {}],
  ])('%s is refused', (_title, body, changes) => {
    expect(filter(body, changes).ok).toBe(false);
  });

  it.each([199, 300, 401, 404, 500])('a list under status %i is refused, a JSON-RPC error passes', (status) => {
    expect(filter(list, { status }).ok).toBe(false);
    expect(filter('<html></html>', { status, contentType: 'text/html' }).ok).toBe(false);
    const error = '{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}';
    expect(filtered(error, { status }).body).toBe(error);
  });

  it('is never quoted in the reason beyond 64 characters of a key', () => {
    const key = 'k'.repeat(10_000);
    const result = filter(answer('[]', `,"${key}":1,"${key}":2`));
    expect(result.ok ? '' : result.error.why.length).toBeLessThan(150);
  });
});

describe('any list', () => {
  const item = fc.record({
    hidden: fc.boolean(),
    value: fc.json({ maxDepth: 4 }),
    space: fc.constantFrom('', ' ', '\n\t'),
  });
  const build = (items: readonly { hidden: boolean; value: string; space: string }[]) =>
    items.map(
      ({ hidden, value, space }, index) =>
        `{${space}"x":${value}${space},"name"${space}:"${hidden ? 'no' : 'ok'}${index}"}`,
    );

  it('keeps exactly the allowed items, as written, in JSON and in an event stream (300 lists)', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 8 }), fc.constantFrom('\n', '\r\n', '\r'), (items, end) => {
        const texts = build(items);
        const keptTexts = texts.filter((_, index) => !items[index]?.hidden);
        const before = answer(`[${texts.join(',')}]`);
        const after = keptTexts.length === texts.length ? before : answer(`[${keptTexts.join(',')}]`);
        expect(filtered(before).body).toBe(after);
        const events = (text: string) => `data: ${text.split('\n').join(`${end}data: `)}${end}${end}`;
        const fromStream = filtered(events(before), stream);
        expect(fromStream.body).toBe(events(after));
        expect([fromStream.kept, fromStream.total]).toEqual([keptTexts.length, texts.length]);
      }),
      { numRuns: 300, seed: 20260728 },
    );
  });

  it('with one character changed is refused or shows no hidden name to JSON.parse (1,000 mutations)', () => {
    const text = answer('[{"name":"ok1","d":"a\\"b"},{"name":"no-secret"},{"name":"ok2"}]', ',"nextCursor":"x"');
    const mutation = fc.tuple(
      fc.nat(text.length - 1),
      fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', ' ', 'x', ''),
    );
    fc.assert(
      fc.property(mutation, ([at, character]) => {
        const result = filter(text.slice(0, at) + character + text.slice(at + 1));
        if (!result.ok) return;
        const parsed = JSON.parse(result.value.body) as {
          readonly result?: { readonly tools: readonly { readonly name: string }[] };
        };
        expect(parsed.result?.tools.filter(({ name }) => !name.startsWith('ok'))).toEqual([]);
      }),
      { numRuns: 1_000, seed: 20260728 },
    );
  });
});
