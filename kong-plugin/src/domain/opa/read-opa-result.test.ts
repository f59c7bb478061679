import { describe, expect, it } from 'vitest';
import { readOpaResult } from './read-opa-result.ts';

const parsed = (text: string): unknown => JSON.parse(text);

describe('a decision that is understood', () => {
  it.each<[string, unknown, unknown]>([
    ['allow alone', { allow: true }, { allow: true, obligations: { redact: [] } }],
    ['deny alone', { allow: false }, { allow: false, obligations: { redact: [] } }],
    ['a reason', { allow: false, reason: 'No.' }, { allow: false, reason: 'No.', obligations: { redact: [] } }],
    ['an empty reason is none', { allow: true, reason: '' }, { allow: true, obligations: { redact: [] } }],
    ['empty obligations', { allow: true, obligations: {} }, { allow: true, obligations: { redact: [] } }],
    [
      'two paths to redact',
      { allow: true, obligations: { redact: ['$.iban', '$..card'] } },
      { allow: true, obligations: { redact: ['$.iban', '$..card'] } },
    ],
    ['undefined is silence and denies', undefined, { allow: false, obligations: { redact: [] } }],
  ])('%s', (_title, value, expected) => {
    expect(readOpaResult(value)).toEqual({ ok: true, value: expected });
  });

  it('a reason loses invisible characters and is cut at 512', () => {
    const read = readOpaResult({ allow: false, reason: `a\u202eb\n${'c'.repeat(600)}` });
    expect(read).toEqual({
      ok: true,
      value: { allow: false, reason: `ab${'c'.repeat(510)}…`, obligations: { redact: [] } },
    });
  });
});

describe('a decision that is not understood is a failure, which denies, and says why', () => {
  it.each<[string, unknown, RegExp]>([
    ['null', null, /must be an object .* it is null/],
    ['a bare true', true, /must be an object .* it is true/],
    ['a text', 'allow', /it is "allow"/],
    ['a list', [{ allow: true }], /it is a list/],
    ['an empty object', {}, /"allow" must be true or false, it is missing/],
    ['allow as a text', { allow: 'true' }, /it is "true"/],
    ['allow as a number', { allow: 1 }, /it is 1\./],
    ['allow as null', { allow: null }, /it is null/],
    ['allow inherited', parsed('{"__proto__":{"allow":true}}'), /member "__proto__"/],
    ['a member nobody knows', { allow: true, obligation: {} }, /member "obligation".*not for its package/],
    ['a whole package', { allow: true, decision: {} }, /member "decision"/],
    ['a reason that is an object', { allow: false, reason: {} }, /"reason" must be a text, it is an object/],
    ['a reason that is null', { allow: true, reason: null }, /"reason" must be a text/],
    ['obligations as a list', { allow: true, obligations: [] }, /"obligations" must be an object/],
    ['obligations as null', { allow: true, obligations: null }, /"obligations" must be an object/],
    [
      'an obligation nobody can meet',
      { allow: true, obligations: { mask: ['$.a'] } },
      /obligation "mask" is not known/,
    ],
    ['redact as one text', { allow: true, obligations: { redact: '$.a' } }, /"redact" must be a list/],
    ['redact as null', { allow: true, obligations: { redact: null } }, /"redact" must be a list/],
    ['redact with a number', { allow: true, obligations: { redact: [1] } }, /"redact" must be a list/],
    ['a path without its dollar', { allow: true, obligations: { redact: ['iban'] } }, /must start with \$/],
    ['a filter path', { allow: true, obligations: { redact: ['$.a[?(@.b)]'] } }, /filters are not supported/],
    ['101 paths', { allow: true, obligations: { redact: Array(101).fill('$.a') } }, /at most 100 paths/],
  ])('%s', (_title, value, why) => {
    expect(readOpaResult(value)).toEqual({ ok: false, error: expect.stringMatching(why) });
  });
});
