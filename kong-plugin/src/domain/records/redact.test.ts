import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../json/json-value.ts';
import { compilePaths, createRedactor, defaultRedactKeys } from './redact.ts';
import { redactText } from './redact-text.ts';

const redactor = (options: { readonly keys?: readonly string[]; readonly paths?: readonly string[] } = {}) =>
  createRedactor({
    arguments: 'redacted',
    redactKeys: options.keys ?? defaultRedactKeys,
    redactPaths: options.paths ?? [],
  });

const bytesOf = (value: JsonValue): number => Buffer.byteLength(JSON.stringify(value));

describe('redaction by key name', () => {
  it.each([
    'password',
    'Password',
    'PASS_WORD',
    'pass-word',
    'pass word',
    'apiKey',
    'API-KEY',
    'card_Number',
    'client secret',
  ])('hides the value of %j at any depth', (key) => {
    const redacted = redactor()({ a: [{ b: { [key]: 'hunter2' } }] });
    expect(redacted).toEqual({ a: [{ b: { [key]: '[redacted]' } }] });
  });

  it('hides an object, an array, a number and null behind a secret key', () => {
    expect(redactor()({ secret: { a: 1 }, token: [1], pin: 1234, otp: null })).toEqual({
      secret: '[redacted]',
      token: '[redacted]',
      pin: '[redacted]',
      otp: '[redacted]',
    });
  });

  it.each(['passwords_changed', 'tokenizer', 'monkey', 'cardinal', 'spinner', 'author'])('leaves %j alone', (key) => {
    expect(redactor()({ [key]: 'x' })).toEqual({ [key]: 'x' });
  });

  it('uses only the keys it is given', () => {
    expect(redactor({ keys: ['Order-Id'] })({ order_id: 1, password: 'x' })).toEqual({
      order_id: '[redacted]',
      password: 'x',
    });
  });

  it('keeps a key named __proto__ as a key, and gives it no power', () => {
    const value = JSON.parse('{"__proto__":{"password":"x","isAdmin":true},"constructor":1}') as JsonValue;
    const redacted = redactor()(value);
    expect(JSON.stringify(redacted)).toBe('{"__proto__":{"password":"[redacted]","isAdmin":true},"constructor":1}');
    expect((redacted as { isAdmin?: unknown }).isAdmin).toBeUndefined();
  });
});

describe('redaction by path', () => {
  it.each<[string, JsonValue, JsonValue]>([
    ['$.a.b', { a: { b: 1, c: 2 }, b: 3 }, { a: { b: '[redacted]', c: 2 }, b: 3 }],
    [
      '$.cards[*].last',
      { cards: [{ last: 1 }, { last: 2, id: 3 }] },
      { cards: [{ last: '[redacted]' }, { last: '[redacted]', id: 3 }] },
    ],
    ['$.list[1]', { list: ['a', 'b', 'c'] }, { list: ['a', '[redacted]', 'c'] }],
    ['$..iban', { iban: 1, a: [{ iban: { x: 1 } }] }, { iban: '[redacted]', a: [{ iban: '[redacted]' }] }],
    [
      '$..a.b',
      { a: { b: 1 }, c: { a: { b: 2 } }, b: 3 },
      { a: { b: '[redacted]' }, c: { a: { b: '[redacted]' } }, b: 3 },
    ],
    ["$['odd key']", { 'odd key': 1, odd: 2 }, { 'odd key': '[redacted]', odd: 2 }],
    ['$["it\'s"]', { "it's": 1 }, { "it's": '[redacted]' }],
    ["$['it\\'s']", { "it's": 1 }, { "it's": '[redacted]' }],
    ['$.*', { a: 1, b: [2] }, { a: '[redacted]', b: '[redacted]' }],
    ["$..['b']", { a: { b: 1 } }, { a: { b: '[redacted]' } }],
    ['$..[0]', { a: [1, [2, 3]] }, { a: ['[redacted]', ['[redacted]', 3]] }],
    ['$.straße', { straße: 1 }, { straße: '[redacted]' }],
    ['$', { a: 1 }, '[redacted]'],
  ])('%s', (path, value, expected) => {
    expect(redactor({ keys: [], paths: [path] })(value)).toEqual(expected);
  });

  it('is case-sensitive and takes an index for no key', () => {
    expect(redactor({ keys: [], paths: ['$.A', '$.list[0]'] })({ a: 1, list: { '0': 2 } })).toEqual({
      a: 1,
      list: { '0': 2 },
    });
  });

  it.each([
    '',
    'a.b',
    '$a',
    '$.',
    '$..',
    '$.a.',
    '$.a[',
    '$.a[-1]',
    '$.a[1:2]',
    '$.a[?(@.b)]',
    "$.['a']",
    '$.a b',
    '$[a]',
    '$.a[01]',
  ])('refuses the path %j and names it', (path) => {
    const compiled = compilePaths([path]);
    expect(compiled.ok).toBe(false);
    expect(compiled.ok ? '' : compiled.error[0]).toContain(JSON.stringify(path));
  });

  it('lists every bad path, not only the first', () => {
    const compiled = compilePaths(['x', '$.fine', '$.a[?(@.b)]']);
    expect(compiled).toEqual({
      ok: false,
      error: [
        '"x" must start with $, for example $.customer.iban',
        '"$.a[?(@.b)]" is not understood at character 4: filters are not supported',
      ],
    });
  });

  it('refuses 101 paths and a path of 257 characters', () => {
    expect(compilePaths(Array.from({ length: 101 }, () => '$.a')).ok).toBe(false);
    expect(compilePaths([`$.${'a'.repeat(255)}`]).ok).toBe(false);
    expect(compilePaths([`$.${'a'.repeat(254)}`]).ok).toBe(true);
  });

  it('hides everything when a path that nobody checked does not compile', () => {
    expect(redactor({ paths: ['nonsense'] })({ a: 1 })).toBe('[redacted]');
  });

  it('follows 20 wild deep steps through 16 levels without doubling its work at each', () => {
    let value: JsonValue = 'x';
    for (let level = 0; level < 15; level += 1) value = { a: value, b: 1 };
    const path = `$${'..*'.repeat(20)}`;
    expect(redactor({ keys: [], paths: Array.from({ length: 100 }, () => path) })(value)).toEqual(value);
  });
});

describe('redaction by shape', () => {
  const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg';
  it.each([
    ['4111111111111111', '[redacted]'],
    ['card 4111 1111 1111 1111 please', 'card [redacted] please'],
    ['4111-1111-1111-1111', '[redacted]'],
    ['4111\u00a01111\u00a01111\u00a01111', '[redacted]'],
    ['4111\u200b1111\u200b1111\u200b1111', '[redacted]'],
    ['3782 822463 10005', '[redacted]'],
    ['6304 0000 0000 0000 000', '[redacted]'],
    ['order 1712345678 4111 1111 1111 1111 ok', 'order 1712345678 [redacted] ok'],
    ['5555555555554444,4012888888881881', '[redacted],[redacted]'],
    ['DE89 3704 0044 0532 0130 00 4111 1111 1111 1111', 'DE89 3704 0044 0532 0130 00 [redacted]'],
    ['AB12 3456 7890 1234 5678 9012 3456 4111 1111 1111 1111', 'AB12 3456 7890 1234 5678 9012 3456 [redacted]'],
    [`token=${jwt};`, 'token=[redacted];'],
    ['Authorization: Bearer abcdef123456', 'Authorization: [redacted]'],
    ['authorization: bearer abcdef123456==', 'authorization: [redacted]'],
    ['Basic dXNlcjpwYXNzd29yZA==', '[redacted]'],
    ['-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nrest', '[redacted]\nrest'],
    ['x -----BEGIN RSA PRIVATE KEY-----\nMIIE cut', 'x [redacted]'],
    ['key sk_live_51H8abcDEF!', 'key [redacted]!'],
    ['sk_test_x', '[redacted]'],
    ['ghp_abcdefghijklmnopqrstuvwxyz0123456789', '[redacted]'],
    ['AKIAIOSFODNN7EXAMPLE', '[redacted]'],
    ['xoxb-123456789012-abcdef', '[redacted]'],
    ['postgres://app:hunter2@db:5432/x', 'postgres://[redacted]@db:5432/x'],
  ])('%j becomes %j', (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });

  it.each([
    'order 1712345678',
    '1.2.3.4',
    'DE89370400440532013000',
    'DE89 3704 0044 0532 0130 00',
    'GB29 NWBK 6016 1331 9268 19',
    'FR14 2004 1010 0505 0001 3M02 606',
    'pay to AT61 1904 3002 3457 3201 now',
    '4111111111111112',
    '1712345678901',
    '2026-03-01T12:30:00.000Z',
    '018f3c1a-7b2c-7def-8abc-1234567890ab',
    'Basic information about tasks',
    'task-force-alpha-and-something-very-long-here',
    'npm_config_registry',
    'https://example.com:8443/a@b',
    'eyJ is how a token starts',
  ])('%j stays as it is', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('hides a card number sent as a JSON number, and numbers whose digits were not read exactly', () => {
    expect(redactor({ keys: [] })([4111111111111111, 1712345678901, 12.5, -1, 2 ** 60])).toEqual([
      '[redacted]',
      1712345678901,
      12.5,
      -1,
      '[inexact number]',
    ]);
  });

  it('hides a secret used as a key', () => {
    expect(redactor()({ 'card 4111111111111111': 1 })).toEqual({ 'card [redacted]': 1 });
  });

  it.each([
    'eyJ'.repeat(5_000),
    '-eyJ'.repeat(4_000),
    '-----BEGIN PRIVATE KEY----- '.repeat(500),
    '://'.repeat(5_000),
    '4 '.repeat(8_000),
    'AB12'.repeat(4_000),
    `Basic ${'a'.repeat(16_000)}`,
  ])('reads 16 KB of almost-secrets (case %#) to its end', (text) => {
    expect(typeof redactText(text)).toBe('string');
  });
});

describe('bounds', () => {
  it('cuts a string after 1,024 characters and names its length', () => {
    expect(redactor()('a'.repeat(1_024))).toBe('a'.repeat(1_024));
    expect(redactor()('a'.repeat(1_025))).toBe(`${'a'.repeat(1_024)}… [1025 characters]`);
  });

  it('never cuts a character in two', () => {
    expect(redactor()(`${'a'.repeat(1_023)}😀😀`)).toBe(`${'a'.repeat(1_023)}… [1027 characters]`);
  });

  it('redacts before it cuts: a card that lies across character 1,024 leaves no digits', () => {
    expect(redactor()(`${'a'.repeat(1_014)} 4111111111111111`)).toBe(
      `${'a'.repeat(1_014)} [redacted]`.slice(0, 1_024) + '… [1031 characters]',
    );
  });

  it('shows nothing near the end of the searched 16,384 characters, where a secret may have been cut', () => {
    const cards = '4111111111111111 '.repeat(963);
    const shown = redactor()(`${cards}4111111111111111${'a'.repeat(50_000)}`) as string;
    expect(shown).not.toMatch(/4111/);
    const pem = `-----BEGIN PRIVATE KEY-----${'A'.repeat(16_300)}-----END PRIVATE KEY-----`;
    expect(redactor()(`${pem} 41111111111`.padEnd(20_000, '1'))).not.toMatch(/4111/);
  });

  it('shows 64 entries of an array or object and counts the others', () => {
    const list = redactor()(Array.from({ length: 70 }, (_, index) => index)) as JsonValue[];
    expect(list).toHaveLength(65);
    expect(list[64]).toBe('[6 more]');
    const object = redactor()(Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`k${index}`, index])));
    expect(Object.keys(object as object)).toHaveLength(65);
    expect(object).toHaveProperty('…', '[6 more]');
  });

  it('shows 16 levels', () => {
    let value: JsonValue = 'leaf';
    for (let level = 0; level < 20; level += 1) value = [value];
    expect(JSON.stringify(redactor()(value))).toBe(`${'['.repeat(16)}"[more than 16 levels]"${']'.repeat(16)}`);
  });

  it.each<[string, JsonValue]>([
    ['many long strings', Array.from({ length: 64 }, () => '\u0001'.repeat(1_024))],
    ['many long keys', Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`${index}${'ü'.repeat(500)}`, 1]))],
    ['wide and deep', Array.from({ length: 64 }, () => Array.from({ length: 64 }, () => [['x']]))],
    ['100,000 numbers', Array.from({ length: 100_000 }, (_, index) => index)],
    ['one string of 4 MB', 'ä'.repeat(4_000_000)],
  ])('%s give less than 9,000 bytes', (_title, value) => {
    expect(bytesOf(redactor()(value))).toBeLessThan(9_000);
  });

  it('never changes the value it is given', () => {
    const value = { password: 'x', list: [{ token: 'y', text: 'Bearer abcdefghij' }] };
    const before = structuredClone(value);
    redactor({ paths: ['$.list[0]'] })(value);
    expect(value).toEqual(before);
  });
});
