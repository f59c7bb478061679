import { describe, expect, it } from 'vitest';
import { describeError } from './describe-error.ts';
import { createRedactor } from './secret-redactor.ts';

const schema = [
  { token: { type: 'string', referenceable: true } },
  {
    store: {
      type: 'record',
      fields: [{ password: { type: 'string', encrypted: true } }, { host: { type: 'string' } }],
    },
  },
  { keys: { type: 'array', elements: { type: 'string', referenceable: true } } },
];

describe('createRedactor', () => {
  it.each([
    ['a referenceable field', { token: 's3cret' }],
    ['an encrypted field of a record', { store: { password: 's3cret', host: 'db' } }],
    ['an element of a list', { keys: ['other', 's3cret'] }],
    ['a value from a vault, named in $refs', { $refs: { header: '{vault://env/x}' }, header: 's3cret' }],
    ['a vault value in a nested record', { audit: { $refs: { url: '{vault://env/x}' }, url: 's3cret' } }],
  ])('removes %s', (_name, config) => {
    expect(createRedactor(schema, config)('connect with s3cret failed: s3cret')).toBe(
      'connect with [redacted] failed: [redacted]',
    );
  });

  it('removes the longer secret first when one contains the other', () => {
    expect(createRedactor(schema, { keys: ['abcd', 'abcdef'] })('abcdef abcd')).toBe('[redacted] [redacted]');
  });

  it.each([
    ['a field that is no secret', { store: { host: 's3cret' } }],
    ['a secret of 3 characters', { token: 's3c' }],
    ['no configuration', undefined],
  ])('leaves the text alone for %s', (_name, config) => {
    expect(createRedactor(schema, config)('s3cret')).toBe('s3cret');
  });
});

describe('describeError', () => {
  it('names the error and its frames, on one log line each', () => {
    const { error, stack } = describeError(new TypeError('x is undefined'));
    expect(error).toBe('TypeError: x is undefined');
    expect(stack).toMatch(/^at .*secret-redactor\.test\.ts/);
    expect(stack).not.toContain('x is undefined');
  });

  it('leaves out the text of a SyntaxError, which quotes the body that was parsed', () => {
    const body = 'ssn 078-05';
    let caught: unknown;
    try {
      JSON.parse(body);
    } catch (error) {
      caught = error;
    }
    expect(String(caught)).toContain('078-05');
    expect(JSON.stringify(describeError(caught))).not.toContain('078-05');
  });

  it.each([
    ['a text', 'broken', 'broken'],
    ['an object', { password: 'p' }, 'object'],
    ['undefined', undefined, 'undefined'],
  ])('describes a thrown value that is %s', (_name, thrown, expected) => {
    expect(describeError(thrown)).toEqual({ error: expected });
  });

  it('cuts a stack to 2,500 characters, below the 4,096 of an nginx log line', () => {
    const error = new Error('deep');
    error.stack = `Error: deep\n${'    at frame (file.js:1:1)\n'.repeat(1_000)}`;
    expect(describeError(error).stack?.length).toBe(2_500);
  });
});
