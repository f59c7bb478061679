import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import type { JsonValue } from './json-value.ts';

const parse = (text: string): JsonValue => JSON.parse(text) as JsonValue;

describe('canonicalJson', () => {
  it('gives the text of the example in RFC 8785 §3.2.2', () => {
    const text =
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
      '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}';
    expect(canonicalJson(parse(text))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts keys by UTF-16 code units, as in RFC 8785 §3.2.3', () => {
    const text = '{"\\u20ac":1,"\\r":2,"\\ufb33":3,"1":4,"\\ud83d\\ude00":5,"\\u0080":6,"\\u00f6":7}';
    expect(Object.values(parse(canonicalJson(parse(text))) as object)).toHaveLength(7);
    expect(canonicalJson(parse(text))).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
  });

  it.each([
    ['{"b":1,"a":2}', '{"a":2,"b":1}'],
    ['{ "a" : [ 1 , { "z":0, "y":0 } ] }', '{"a":[1,{"y":0,"z":0}]}'],
    ['1.0', '1'],
    ['-0', '0'],
    ['1e21', '1e+21'],
    ['100000000000000000000', '100000000000000000000'],
    ['1e-7', '1e-7'],
    ['5e-324', '5e-324'],
    ['"\\u007f\\u2028"', '"\u007f\u2028"'],
    ['{"__proto__":1,"constructor":2}', '{"__proto__":1,"constructor":2}'],
    ['[]', '[]'],
    ['{}', '{}'],
  ])('%s becomes %s', (text, canonical) => {
    expect(canonicalJson(parse(text))).toBe(canonical);
  });

  it('keeps numbers beyond the range of doubles apart from null and from each other', () => {
    expect(canonicalJson(parse('[1e999,-1e999,null]'))).toBe('[1e999,-1e999,null]');
  });

  it('does not throw on half a surrogate pair', () => {
    expect(canonicalJson('\ud800')).toBe('"\\ud800"');
  });
});
