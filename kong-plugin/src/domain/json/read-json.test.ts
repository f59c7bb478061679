import { describe, expect, it } from 'vitest';
import { readJson } from './read-json.ts';

const read = (body: string | readonly number[], maxDepth = 64) =>
  readJson(typeof body === 'string' ? Buffer.from(body) : Uint8Array.from(body), { maxDepth });

const reasonOf = (body: string | readonly number[], maxDepth = 64): string => {
  const result = read(body, maxDepth);
  return result.ok ? 'read' : result.error.reason;
};

const bytesOf = (text: string, encoding: BufferEncoding): readonly number[] => [...Buffer.from(text, encoding)];

describe('what is read', () => {
  it.each([
    ['an object', '{"a":1,"b":[true,null,{"c":"d"}]}'],
    ['the same key in two objects', '{"a":{"x":1},"b":{"x":1}}'],
    ['the same key in an object and its member', '{"a":{"a":{"a":1}}}'],
    ['a key that equals a value', '{"a":"a","b":"a"}'],
    ['colons, braces and quotes inside strings', '{"a":"x:{[\\"}]:","b:":":"}'],
    ['a string that ends in an escaped backslash', '{"a":"\\\\","b":"\\\\\\""}'],
    ['keys that differ in case, below the protocol levels', '{"arguments":{"name":1,"Name":2}}'],
    ['empty objects, arrays and keys', '{"":{},"a":[],"b":[[]]}'],
    ['non-ASCII text', '{"größe":"1 €","😀":"😀"}'],
    ['a surrogate pair written as escapes', '{"\\ud83d\\ude00":1}'],
    ['half a surrogate pair in a value, as truncating clients send it', '{"a":"\\ud83d"}'],
    ['integer-like keys', '{"1":1,"01":2,"0":3}'],
    ['a scalar', '"text"'],
    ['white space around everything', ' \t\r\n{ "a" : 1 }\n'],
  ])('%s gives what JSON.parse gives', (_title, text) => {
    expect(read(text)).toEqual({ ok: true, value: { value: JSON.parse(text) as unknown } });
  });

  it('keeps __proto__ as an own key and changes no prototype', () => {
    const result = read('{"__proto__":{"polluted":true},"a":1}');
    expect(result.ok && Object.keys(result.value.value as object)).toEqual(['__proto__', 'a']);
    expect(result.ok && Object.getPrototypeOf(result.value.value)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('reads bytes that are a view into a larger buffer', () => {
    const outer = Buffer.from('xx{"a":1}yy');
    expect(readJson(outer.subarray(2, 9), { maxDepth: 64 })).toEqual({ ok: true, value: { value: { a: 1 } } });
  });
});

describe('what is refused as encoding', () => {
  it.each([
    ['a UTF-8 byte order mark', [0xef, 0xbb, 0xbf, ...bytesOf('{}', 'utf8')]],
    ['a UTF-16LE byte order mark', [0xff, 0xfe, ...bytesOf('{}', 'utf16le')]],
    ['a lone continuation byte', [0x22, 0x80, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate encoded as UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a truncated character', [0x22, 0xe2, 0x82, 0x22]],
    ['a code point beyond U+10FFFF', [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]],
    ['Latin-1 text', bytesOf('{"a":"é"}', 'latin1')],
    ['gzip', [0x1f, 0x8b, 0x08, 0x00]],
  ])('%s', (_title, body) => {
    expect(reasonOf(body)).toBe('invalid_encoding');
  });

  it.each([
    ['an escaped high surrogate alone in a key', '{"\\ud800":1}'],
    ['an escaped low surrogate alone in a key, deep inside', '{"a":[{"b":{"\\udc00":1}}]}'],
    ['two keys that become equal when halves are replaced', '{"\\ud800":1,"\\ud801":2}'],
  ])('%s', (_title, body) => {
    expect(reasonOf(body)).toBe('invalid_encoding');
  });
});

describe('what is refused as JSON', () => {
  it.each([
    ['nothing', ''],
    ['UTF-16LE without a mark', bytesOf('{"a":1}', 'utf16le')],
    ['UTF-32-like zeros', [0, 0, 0, 0x7b, 0, 0, 0, 0x7d]],
    ['two values', '{}{}'],
    ['a trailing comma', '{"a":1,}'],
    ['a comment', '{/**/"a":1}'],
    ['a line comment', '{"a":1}//'],
    ['single quotes', "{'a':1}"],
    ['a bare key', '{a:1}'],
    ['NaN', '{"a":NaN}'],
    ['a leading zero', '{"a":01}'],
    ['a raw line feed in a string', '{"a":"\n"}'],
    ['a raw NUL in a string', '{"a":"\u0000"}'],
    ['an unknown escape', '{"a":"\\x41"}'],
    ['an unfinished string', '{"a":"'],
    ['an unfinished escape', '{"a":"\\'],
    ['newline-delimited JSON', '{"a":1}\n{"a":2}'],
    ['a non-breaking space between tokens', '{\u00a0}'],
  ])('%s', (_title, body) => {
    expect(reasonOf(body)).toBe('invalid_json');
  });
});

describe('depth', () => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

  it('reads 64 levels and refuses 65', () => {
    expect(reasonOf(nested(64))).toBe('read');
    expect(reasonOf(nested(65))).toBe('too_deep');
  });

  it('refuses 65 levels of objects and of both mixed', () => {
    expect(reasonOf('{"a":'.repeat(65) + '1' + '}'.repeat(65))).toBe('too_deep');
    expect(reasonOf('[{"a":'.repeat(33) + '1' + '}]'.repeat(33))).toBe('too_deep');
  });

  it('does not count brackets in strings, nor levels beside one another', () => {
    expect(reasonOf(`{"a":"${'['.repeat(100)}"}`)).toBe('read');
    expect(reasonOf(`[${'{"a":[]},'.repeat(100)}{}]`)).toBe('read');
  });

  it('refuses a million open brackets without parsing them', () => {
    expect(reasonOf('['.repeat(1_000_000))).toBe('too_deep');
  });
});

describe('duplicate keys', () => {
  it.each([
    ['at the top', '{"method":"tools/list","method":"tools/call"}', '"method"'],
    ['one of them escaped', '{"method":"a","\\u006dethod":"b"}', '"method"'],
    ['both escaped differently', '{"n\\u0061me":1,"\\u006Eame":2}', '"name"'],
    ['with an escaped slash', '{"a/b":1,"a\\/b":2}', '"a/b"'],
    ['inside params', '{"params":{"name":"a","name":"b"}}', '"name"'],
    ['deep inside arguments', '{"a":{"b":[0,{"c":{"d":1,"e":2,"d":3}}]}}', '"d"'],
    ['with equal values', '{"a":1,"a":1}', '"a"'],
    ['of an empty key', '{"":1,"":2}', '""'],
    ['of __proto__', '{"__proto__":1,"__proto__":2}', '"__proto__"'],
    ['of non-ASCII keys', '{"é":1,"\\u00e9":2}', '"é"'],
    ['behind a string full of quotes and colons', '{"a":"\\":\\"{","b":1,"a":2}', '"a"'],
  ])('%s are refused and named', (_title, body, name) => {
    const result = read(body);
    expect(!result.ok && result.error).toEqual({
      reason: 'duplicate_key',
      detail: `The key ${name} occurs twice in one object.`,
    });
  });

  it('are found among 50,000 keys', () => {
    const keys = Array.from({ length: 50_000 }, (_, index) => `"k${index}":0`);
    expect(reasonOf(`{${keys.join(',')}}`)).toBe('read');
    expect(reasonOf(`{${keys.join(',')},"k17":1}`)).toBe('duplicate_key');
  });

  it('are named with at most 64 characters, also next to a string of a million', () => {
    const key = 'k'.repeat(100);
    const result = read(`{"long":"${'x'.repeat(1_000_000)}","${key}":1,"${key}":2}`);
    expect(!result.ok && result.error.detail).toBe(`The key "${'k'.repeat(64)}" occurs twice in one object.`);
  });
});
