import { describe, expect, it } from 'vitest';
import { readAnswer } from './read-answer.ts';

const now = Date.UTC(2026, 10, 25, 12);
const answer = (status: number, body = '', retryAfter?: string) =>
  readAnswer({ status, body, ...(retryAfter === undefined ? {} : { retryAfter }) }, { events: 3, now });

describe("the ledger's answer", () => {
  it('of 200 is a receipt when its numbers add up', () => {
    const receipt = { accepted: 1, duplicate: 1, quarantined: [{ id: 'x', reason: 'unknown tenant' }] };
    expect(answer(200, JSON.stringify(receipt))).toEqual({ kind: 'stored', receipt });
  });

  it.each([
    ['nothing', ''],
    ['the page of a proxy', '<html>welcome</html>'],
    ['a receipt of other events', '{"accepted":2,"duplicate":0,"quarantined":[]}'],
    ['numbers that are none', '{"accepted":"3","duplicate":0,"quarantined":[]}'],
    ['negative numbers', '{"accepted":4,"duplicate":-1,"quarantined":[]}'],
    ['a quarantine without reasons', '{"accepted":2,"duplicate":0,"quarantined":[{"id":"x"}]}'],
    ['a list', '[]'],
  ])('of 200 with %s is no receipt: nothing is deleted', (_, body) => {
    expect(answer(200, body).kind).toBe('away');
  });

  it.each([
    [202, 'refused'],
    [204, 'refused'],
    [301, 'refused'],
    [400, 'malformed'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'refused'],
    [408, 'away'],
    [413, 'too_large'],
    [422, 'malformed'],
    [425, 'away'],
    [429, 'away'],
    [500, 'away'],
    [503, 'away'],
  ] as const)('of %i means %s', (status, kind) => {
    expect(answer(status).kind).toBe(kind);
  });

  it.each([
    ['7', 7_000],
    ['Wed, 25 Nov 2026 12:00:30 GMT', 30_000],
    ['Wed, 25 Nov 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['-1', undefined],
  ])('with Retry-After: %s asks for %s ms', (header, retryAfterMs) => {
    const read = answer(503, '', header);
    expect(read.kind === 'away' ? read.retryAfterMs : 'other').toBe(retryAfterMs);
  });

  it('says why in the words of the ledger, in one short line', () => {
    const read = answer(503, JSON.stringify({ title: 'x', detail: `busy\n\u001b[31m${'y'.repeat(900)}` }));
    expect(read.kind === 'away' ? read.why : '').toMatch(/^HTTP 503: busy \[31my{200,}$/);
    expect(read.kind === 'away' ? read.why.length : 0).toBeLessThan(320);
  });

  it('of 401 names the field to mend, and never the token', () => {
    expect(answer(401, '{"detail":"unknown node"}')).toEqual({
      kind: 'refused',
      why: 'the ledger does not accept metering.token (HTTP 401: unknown node)',
    });
  });
});
