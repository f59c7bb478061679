import { describe, expect, it } from 'vitest';
import { readFactLines } from './fact-lines.ts';
import { factLines, factsOf } from './testing/fake-kong.ts';

const { body: _body, ...facts } = factsOf('');
const whole = {
  ...facts,
  query: 'a=1',
  headers: { note: 'two\nlines', accept: ['a', 'b'] },
  headers_truncated: true,
  body_error: 'too_large',
  groups: ['gold', 'a\nb'],
  token: 'a.b.c',
} as const;

describe('the facts of a request as mcp-guard writes them', () => {
  it('are read line by line', () => {
    expect(readFactLines(factLines(whole))).toEqual(whole);
  });

  it('leave out what the request has not', () => {
    const { consumer: _consumer, credential_id: _credential, ...anonymous } = facts;
    expect(JSON.parse(JSON.stringify(readFactLines(factLines(anonymous))))).toEqual(anonymous);
  });

  it('have one consumer and one list of groups for all requests that say the same', () => {
    const [first, second] = [readFactLines(factLines(whole)), readFactLines(factLines({ ...whole, path: '/other' }))];
    expect(first?.consumer).toBe(second?.consumer);
    expect(first?.groups).toBe(second?.groups);
    const other = readFactLines(factLines({ ...whole, consumer: { id: 'consumer-1', username: 'other' } }));
    expect(other?.consumer).toEqual({ id: 'consumer-1', username: 'other' });
  });

  it.each([
    ['JSON', JSON.stringify(whole)],
    ['nothing', ''],
    ['a line too few', factLines(whole).replace('\na=1\n', '\n')],
    ['a consumer that is no JSON', factLines(whole).replace('{"id":"consumer-1"', '{"id"')],
  ])('are not read from %s', (_, text) => {
    expect(readFactLines(text)).toBeUndefined();
  });
});
