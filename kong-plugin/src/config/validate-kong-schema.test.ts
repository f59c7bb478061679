import { describe, expect, it } from 'vitest';
import type { NamedField } from './kong-schema.ts';
import { validateKongRecord } from './validate-kong-schema.ts';

const fields: readonly NamedField[] = [
  { name: { type: 'string', required: true, len_max: 5, description: 'A short name.' } },
  { mode: { type: 'string', one_of: ['on', 'off'], default: 'on', description: 'On or off.' } },
  { size: { type: 'integer', between: [1, 10], description: 'A size from one to ten.' } },
  { flag: { type: 'boolean', default: false, description: 'Some flag or other.' } },
  { list: { type: 'array', elements: { type: 'string' }, len_max: 2, default: [], description: 'Up to two strings.' } },
  { labels: { type: 'set', elements: { type: 'string' }, description: 'Distinct strings.' } },
  {
    table: {
      type: 'map',
      keys: { type: 'string' },
      values: { type: 'array', elements: { type: 'string' } },
      description: 'Strings by name.',
    },
  },
  {
    inner: {
      type: 'record',
      required: true,
      description: 'A record inside.',
      fields: [{ depth: { type: 'number', default: 1.5, description: 'How deep it is.' } }],
    },
  },
];

const validate = (value: unknown) => validateKongRecord(fields, value, { path: '' });

describe('validateKongRecord', () => {
  it('fills defaults as Kong does, also of a required record that is left out', () => {
    expect(validate({ name: 'a' })).toEqual({
      ok: true,
      value: { name: 'a', mode: 'on', flag: false, list: [], inner: { depth: 1.5 } },
    });
  });

  it('takes null for absent and an empty list for an empty record or map, which Lua cannot tell apart', () => {
    expect(validate({ name: 'a', size: null, inner: [], table: [] })).toEqual({
      ok: true,
      value: { name: 'a', mode: 'on', flag: false, list: [], table: {}, inner: { depth: 1.5 } },
    });
  });

  it('drops repeated values of a set', () => {
    expect(validate({ name: 'a', labels: ['x', 'y', 'x'] })).toMatchObject({ ok: true, value: { labels: ['x', 'y'] } });
  });

  it.each([
    ['a missing field', {}, 'name: required field missing'],
    [
      'an unknown field',
      { name: 'a', nmae: 'b' },
      'nmae: unknown field; known fields: name, mode, size, flag, list, labels, table, inner',
    ],
    ['a nested unknown field', { name: 'a', inner: { dept: 1 } }, 'inner.dept: unknown field; known fields: depth'],
    ['a wrong type', { name: 1 }, 'name: expected a string'],
    ['an empty string', { name: '' }, 'name: length must be at least 1'],
    ['a long string', { name: 'abcdef' }, 'name: length must be at most 5'],
    ['a value outside a choice', { name: 'a', mode: 'maybe' }, 'mode: expected one of: on, off'],
    ['a fraction for an integer', { name: 'a', size: 1.5 }, 'size: expected an integer'],
    ['a number out of range', { name: 'a', size: 11 }, 'size: value should be between 1 and 10'],
    ['a string for a boolean', { name: 'a', flag: 'true' }, 'flag: expected true or false'],
    ['too many elements', { name: 'a', list: ['1', '2', '3'] }, 'list: length must be at most 2'],
    ['a wrong element, counted from 1 as Kong counts', { name: 'a', list: ['1', 2] }, 'list[2]: expected a string'],
    ['a wrong map value', { name: 'a', table: { k: 'v' } }, 'table.k: expected a list'],
    ['a list for a record', { name: 'a', inner: [1] }, 'inner: expected a record (a map of fields)'],
  ])('refuses %s and says where', (_, value, issue) => {
    expect(validate(value)).toEqual({ ok: false, error: [issue] });
  });

  it('lists every issue, not only the first', () => {
    const checked = validate({ mode: 'maybe', size: 'x' });
    expect(checked.ok ? [] : checked.error).toHaveLength(3);
  });

  it("accepts Kong's own fields only where they belong", () => {
    const own = { name: 'a', __plugin_id: 'p', route_id: 'r', $refs: {} };
    expect(validateKongRecord(fields, own, { path: '', allowKongOwnFields: true }).ok).toBe(true);
    expect(validate(own).ok).toBe(false);
    const nested = { name: 'a', inner: { depth: 1, __plugin_id: 'p' } };
    expect(validateKongRecord(fields, nested, { path: '', allowKongOwnFields: true }).ok).toBe(false);
  });

  it('accepts in each record the references by which Kong filled it from a vault, and keeps none', () => {
    const filled = { name: 'a', inner: { depth: 1, $refs: { depth: '{vault://env/depth}' } } };
    expect(validateKongRecord(fields, filled, { path: '', allowKongOwnFields: true })).toMatchObject({
      ok: true,
      value: { inner: { depth: 1 } },
    });
    expect(JSON.stringify(validateKongRecord(fields, filled, { path: '', allowKongOwnFields: true }))).not.toContain(
      '$refs',
    );
    expect(validate(filled)).toMatchObject({
      ok: false,
      error: [expect.stringContaining('inner.$refs: unknown field')],
    });
  });
});
