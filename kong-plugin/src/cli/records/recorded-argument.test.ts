import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../domain/json/json-value.ts';
import { followPointer, pointerTokens } from '../../domain/policies/json-pointer.ts';
import { createRedactor, defaultRedactKeys } from '../../domain/records/redact.ts';
import { isRecordedAsSent } from './recorded-argument.ts';

describe('isRecordedAsSent', () => {
  it.each<[JsonValue | undefined, string, boolean]>([
    [{ amount: 5 }, '/amount', true],
    [{ amount: 5 }, '/missing', true],
    [{ amount: '[redacted]' }, '/amount', false],
    [{ customer: '[redacted]' }, '/customer/name', false],
    [{ note: 'call [redacted] today' }, '/note', false],
    [{ note: `${'x'.repeat(20)}… [2000 characters]` }, '/note', false],
    [{ id: '[inexact number]' }, '/id', false],
    [{ a: 1, '…': '[3 more]' }, '/a', true],
    [{ a: 1, '…': '[3 more]' }, '/b', false],
    [{ list: [1, 2, '[5 more]'] }, '/list/0', true],
    [{ list: [1, 2, '[5 more]'] }, '/list/3', false],
    [{ list: [1, 2, '[5 more]'] }, '/list', false],
    [{ deep: { a: { b: '[more than 16 levels]' } } }, '/deep', false],
    [{ deep: { a: { b: '[more than 16 levels]' } }, top: 1 }, '/top', true],
    ['[omitted: the record would be longer than 16 KiB]', '/amount', false],
    [{ 'a/b': { '~x': 1 } }, '/a~1b/~0x', true],
    [{ amount: 5 }, '', true],
    [{ amount: '[redacted]' }, '', false],
    [undefined, '/amount', false],
  ])('%j at %s: %s', (recorded, pointer, expected) => {
    expect(isRecordedAsSent(recorded, pointer)).toBe(expected);
  });

  it('never calls a value as sent that the redactor changed, for 500 random arguments', () => {
    const redact = createRedactor({
      arguments: 'redacted',
      redactKeys: [...defaultRedactKeys, 'tax'],
      redactPaths: ['$.b.c'],
    });
    const key = fc.constantFrom('a', 'b', 'c', 'password', 'tax', 'n/m', 'x~y', '__proto__');
    const leaf = fc.oneof(
      fc.constantFrom<JsonValue>('text', '4111 1111 1111 1111', 'Bearer abcdefghijkl', null, true, 7, 4111111111111111),
      fc.string({ maxLength: 1_200, minLength: 1_000 }),
    );
    const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }) as fc.Arbitrary<JsonValue>,
      ),
    }));
    const sent = fc.dictionary(key, value, { maxKeys: 6 }) as fc.Arbitrary<JsonObject>;
    const pointer = fc.array(fc.oneof(key, fc.constantFrom('0', '1', '3')), { maxLength: 4 });
    let known = 0;
    fc.assert(
      fc.property(sent, fc.array(pointer, { minLength: 8, maxLength: 8 }), (original, pointers) => {
        const recorded = redact(original);
        for (const keys of pointers) {
          const text = keys.map((each) => `/${each.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
          if (!isRecordedAsSent(recorded, text)) continue;
          known += 1;
          const tokens = pointerTokens(text);
          expect(followPointer(recorded, tokens)).toEqual(followPointer(original, tokens));
        }
      }),
      { numRuns: 500, seed: 7 },
    );
    expect(known).toBeGreaterThan(500);
  });
});
