import { describe, expect, it } from 'vitest';
import type { KongField } from './kong-schema.ts';
import { toRegExp } from './lua-pattern.ts';
import { resolveReferences } from './vault-references.ts';

const field: KongField = {
  type: 'record',
  fields: [
    { token: { type: 'string', referenceable: true } },
    { plain: { type: 'string' } },
    { inner: { type: 'record', fields: [{ key: { type: 'string', referenceable: true } }] } },
    { list: { type: 'array', elements: { type: 'string', referenceable: true } } },
  ],
};
const environment = { MY_TOKEN: 's3cret', OTHER: 'o' };

describe('resolveReferences', () => {
  it('replaces references of referenceable fields and names them in $refs', () => {
    expect(
      resolveReferences(
        field,
        {
          token: '{vault://env/my-token}',
          plain: '{vault://env/my-token}',
          inner: { key: '{vault://env/OTHER}' },
          list: ['{vault://env/other}', 'x'],
        },
        environment,
      ),
    ).toStrictEqual({
      token: 's3cret',
      plain: '{vault://env/my-token}',
      inner: { key: 'o', $refs: { key: '{vault://env/OTHER}' } },
      list: ['o', 'x'],
      $refs: { token: '{vault://env/my-token}' },
    });
  });

  it('gives an empty text for a variable that is not set, and leaves other vaults alone', () => {
    expect(resolveReferences(field, { token: '{vault://env/none}' }, environment)).toMatchObject({ token: '' });
    expect(resolveReferences(field, { token: '{vault://hcv/none}' }, environment)).toStrictEqual({
      token: '{vault://hcv/none}',
    });
  });
});

describe('toRegExp', () => {
  it.each([
    ['^%u+$', 'GET', true],
    ['^%u+$', 'Get', false],
    ['^[%w_-]+$', 'x-a_1', true],
    ['^[%w_-]+$', 'x a', false],
    ['^%*%.', '*.test', true],
    ['^[^*]*%*?[^*]*$', 'a*b*c', false],
    ['a.b', 'a\nb', true],
    ['^a-b', 'aaab', true],
    ['%s', 'a b', true],
    ['%S', '  ', false],
    ['1+1', '11', true],
    ['(a)(b)', 'ab', true],
    ['a{2}', 'aa', false],
  ])('reads the Lua pattern %s: %j matches %s', (pattern, text, matches) => {
    expect(toRegExp(pattern).test(text)).toBe(matches);
  });
});
