import { describe, expect, it } from 'vitest';
import { messageOf, operationCall, toolCall } from '../policies/testing/fixtures.ts';
import { renderRefusal } from '../replies/render-refusal.ts';
import type { LimitDemand } from './demands-of.ts';
import { durationText } from './duration-text.ts';
import { limitRefusal, storeAwayRefusal } from './limit-refusal.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';
import { demandOf, noon } from './testing/fixtures.ts';
import { toGrant } from './to-grant.ts';

const refused = (demand: LimitDemand, used = demand.limit, resetsAt = demand.endsAt) => {
  const grant = toGrant({ demands: [demand], standings: [{ used, resetsAt }], mode: 'take' });
  if (grant.granted) throw new Error('the test needs a refused grant');
  return limitRefusal({
    grant,
    demands: [demand],
    message: messageOf(toolCall('create_invoice'), { id: 7 }),
    requestId: 'r-1',
    now: noon + 48_000,
  });
};
const month = demandOf({
  rule: 'gold-monthly',
  window: 'month',
  limit: 10_000,
  endsAt: Date.UTC(2026, 8, 1),
  startsAt: Date.UTC(2026, 7, 1),
  scope: ['tenant', 'application', 'server'],
});
const lease = demandOf({ rule: 'streams', kind: 'concurrent', limit: 5, endsAt: noon + 600_000 });

describe('what an agent reads', () => {
  it.each<[string, LimitDemand, string, string]>([
    [
      'a rate limit',
      demandOf({}),
      'rate_limited',
      'Rate limit "per-minute" is reached: 10 of 10 used this minute, 0 remaining. It resets at 2026-08-15T12:01:00Z, in 12 s. Wait until then before calling "create_invoice" again; earlier calls are refused.',
    ],
    [
      'a quota',
      month,
      'quota_exhausted',
      'Quota "gold-monthly" is exhausted: 10000 of 10000 used this month, 0 remaining. It resets at 2026-09-01T00:00:00Z, in 16 d 11 h. Do not try again before then; tell the user that the quota is used up and who can raise it: the owner of the subscription.',
    ],
    [
      'running calls',
      lease,
      'concurrency_limited',
      'Too many calls at once: limit "streams" allows 5 and 5 are running, 0 remaining. Wait until one of them has ended, then call "create_invoice" again.',
    ],
    [
      'a loop',
      demandOf({ rule: 'loop', kind: 'repeat' }),
      'repeat_refused',
      'Repeated call refused: "create_invoice" was called 10 times this minute with exactly these arguments, and limit "loop" allows 10, 0 remaining. It resets at 2026-08-15T12:01:00Z, in 12 s. Do not repeat it: use the answers you have, change the arguments, or ask the user.',
    ],
  ])('of %s', (_, demand, reason, detail) => {
    const refusal = refused(demand);
    expect([refusal.reason, refusal.detail]).toEqual([reason, detail]);
  });

  it.each<[LimitDemand['window'], string]>([
    ['second', 'rate_limited'],
    ['minute', 'rate_limited'],
    ['hour', 'rate_limited'],
    ['day', 'quota_exhausted'],
    ['month', 'quota_exhausted'],
  ])('a %s is %s', (window, reason) => {
    expect(refused(demandOf({ window })).reason).toBe(reason);
  });

  it('says what the call costs when that is not 1, and when it can never pass', () => {
    expect(refused(demandOf({ cost: 5 }), 7).detail).toContain(
      '7 of 10 used this minute, 3 remaining, and this call costs 5.',
    );
    expect(refused(demandOf({ cost: 50 }), 0).detail).toContain(
      'costs 50, more than the whole limit, so it can never pass.',
    );
  });

  it('stays below 512 characters with the longest names', () => {
    const demand = demandOf({ rule: 'r'.repeat(1_000), kind: 'repeat', limit: 1_000_000_000, window: 'month' });
    const grant = toGrant({
      demands: [demand],
      standings: [{ used: 1_000_000_000, resetsAt: demand.endsAt }],
      mode: 'take',
    });
    if (grant.granted) throw new Error('the test needs a refused grant');
    const message = messageOf(toolCall('t'.repeat(1_000)));
    expect(limitRefusal({ grant, demands: [demand], message, now: noon }).detail.length).toBeLessThanOrEqual(512);
  });

  it.each<[number, string]>([
    [1, '1 s'],
    [59, '59 s'],
    [60, '1 min'],
    [61, '1 min 1 s'],
    [3_600, '1 h'],
    [86_399, '23 h 59 min'],
    [90_000, '1 d 1 h'],
    [2_592_000, '30 d'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});

describe('what a program reads', () => {
  it('names limit, scope, counts and times', () => {
    expect(refused(month).data).toEqual({
      rule: 'gold-monthly',
      scope: ['tenant', 'application', 'server'],
      window: 'month',
      cost: 1,
      tool: 'create_invoice',
      limit: 10_000,
      used: 10_000,
      remaining: 0,
      reset_at: '2026-09-01T00:00:00Z',
      retry_after: 1_425_552,
      request_id: 'r-1',
    });
  });

  it('rounds the wait up, and never tells 0 seconds', () => {
    expect(refused(demandOf({}), 10, noon + 48_001).data).toMatchObject({ retry_after: 1 });
    expect(refused(demandOf({}), 10, noon + 49_001).data).toMatchObject({ retry_after: 2 });
    expect(refused(demandOf({}), 10, noon).data).toMatchObject({ retry_after: 1 });
  });

  it('asks to try a full set of running calls again after 1 s, not after the lease', () => {
    expect(refused(lease).data).toMatchObject({ window: 'concurrent', retry_after: 1 });
  });
});

describe('a limit on the wire', () => {
  const limit = refused(demandOf({}));
  const call = toolCall('create_invoice');
  const rateLimit = rateLimitHeaders({
    states: [{ rule: 'per-minute', limit: 10, used: 10, remaining: 0, resetsAt: noon + 60_000 }],
    demands: [demandOf({})],
    now: noon + 48_000,
  });

  it('is a complete tool result with isError and the data in _meta, HTTP 200 with Retry-After', () => {
    for (const era of ['legacy', 'modern'] as const) {
      const reply = renderRefusal(
        { ...limit, era },
        { kind: 'mcp', call, rateLimit, options: { deniedTool: 'unknown_tool' } },
      );
      expect(reply.status).toBe(200);
      expect(reply.headers).toMatchObject({
        'retry-after': '12',
        'ratelimit-remaining': '0',
        'x-mcp-governance-reason': 'rate_limited',
        'cache-control': 'no-store',
      });
      expect(JSON.parse(reply.body)).toEqual({
        jsonrpc: '2.0',
        id: 7,
        result: {
          content: [{ type: 'text', text: limit.detail }],
          isError: true,
          resultType: 'complete',
          _meta: { 'mcp-governance/limit': { ...limit.data, reason: 'rate_limited' } },
        },
      });
    }
  });

  it('tells a refused stream what to close', () => {
    const demand = demandOf({ rule: 'streams', kind: 'concurrent', limit: 5 });
    const exceeded = { rule: 'streams', limit: 5, used: 5, remaining: 0, resetsAt: noon + 1_000 };
    const grant = { granted: false, states: [exceeded], exceeded, shadowExceeded: [] } as const;
    const message = {
      call: { kind: 'stream', method: 'GET' },
      era: 'legacy',
      isResumed: false,
      headersToStrip: [],
    } as const;
    expect(limitRefusal({ grant, demands: [demand], message, now: noon })).toMatchObject({
      reason: 'concurrency_limited',
      detail:
        'Too many calls and streams at once: limit "streams" allows 5 and 5 are open, 0 remaining. Close one of them, or wait until one has ended, then open the stream again.',
    });
  });

  it('is HTTP 429 with a JSON-RPC error where the operator wants it, for a call without id and for any other method', () => {
    const options = { deniedTool: 'unknown_tool', limitsAs: 'http429' } as const;
    const asked = renderRefusal(limit, { kind: 'mcp', call, options });
    expect([asked.status, asked.headers['retry-after']]).toEqual([429, '12']);
    expect(JSON.parse(asked.body)).toMatchObject({
      id: 7,
      error: { code: 429, data: { reason: 'rate_limited', rule: 'per-minute' } },
    });
    const other = renderRefusal(limit, {
      kind: 'mcp',
      call: { kind: 'listen', method: 'subscriptions/listen', resourceUris: [], taskIds: [] },
      options: { deniedTool: 'unknown_tool' },
    });
    expect(other.status).toBe(429);
    const { id: _id, ...withoutId } = limit;
    expect(renderRefusal(withoutId, { kind: 'mcp', call, options: { deniedTool: 'unknown_tool' } }).status).toBe(429);
  });

  it('is a 429 problem document for a REST operation', () => {
    const reply = renderRefusal(
      { ...limit, era: 'rest' },
      { kind: 'rest', call: operationCall('getPayment'), options: { deniedTool: 'unknown_tool' } },
    );
    expect([reply.status, reply.headers['retry-after'], reply.headers['content-type']]).toEqual([
      429,
      '12',
      'application/problem+json',
    ]);
    expect(JSON.parse(reply.body)).toMatchObject({
      status: 429,
      reason: 'rate_limited',
      limit: 10,
      used: 10,
      retry_after: 12,
    });
  });

  it('is 503 with Retry-After while nothing can be counted, in every form', () => {
    const away = storeAwayRefusal([demandOf({}), demandOf({ rule: 'x', whenStoreDown: 'allow' })], {
      message: messageOf(call, { id: 7 }),
    });
    expect(away.data).toEqual({ rules: ['per-minute'], retry_after: 5 });
    for (const kind of ['mcp', 'rest'] as const) {
      const reply = renderRefusal(away, {
        kind,
        call,
        options: { deniedTool: 'unknown_tool', limitsAs: 'tool_error' },
      });
      expect([reply.status, reply.headers['retry-after']]).toEqual([503, '5']);
    }
  });

  it.each(['subscription_inactive', 'arguments_denied', 'policy_denied'] as const)(
    '%s reaches the model as a tool error, and REST as 403',
    (reason) => {
      const refusal = {
        reason,
        detail: 'Amounts above 1000 need approval.',
        id: 7,
        era: 'modern',
        data: { rule: 'big' },
      } as const;
      const options = { deniedTool: 'unknown_tool' } as const;
      const reply = renderRefusal(refusal, { kind: 'mcp', call, options });
      expect(reply.status).toBe(200);
      expect(JSON.parse(reply.body)).toMatchObject({
        result: {
          isError: true,
          resultType: 'complete',
          content: [{ text: 'Amounts above 1000 need approval.' }],
          _meta: { 'mcp-governance/refusal': { reason, rule: 'big' } },
        },
      });
      const rest = renderRefusal({ ...refusal, era: 'rest' }, { kind: 'rest', call: operationCall('x'), options });
      expect(rest.status).toBe(403);
    },
  );

  it('a quarantined tool looks like one that is not there, without rate-limit headers', () => {
    const refusal = {
      reason: 'tool_quarantined',
      detail: 'Changed.',
      id: 7,
      era: 'modern',
      data: { retry_after: 9 },
    } as const;
    const options = { deniedTool: 'unknown_tool' } as const;
    const quarantined = renderRefusal(refusal, { kind: 'mcp', call, options, rateLimit });
    const unknown = renderRefusal({ ...refusal, reason: 'tool_denied' }, { kind: 'mcp', call, options });
    expect(quarantined).toEqual(unknown);
    expect(Object.keys(quarantined.headers).sort()).toEqual(['cache-control', 'content-type']);
  });
});

describe('rate-limit headers', () => {
  const state = (rule: string, remaining: number, limit = 10) => ({
    rule,
    limit,
    used: limit - remaining,
    remaining,
    resetsAt: noon + 60_000,
  });

  it('list every limit, the tightest first, in structured fields, with the older fields for the tightest', () => {
    const demands = [demandOf({}), lease, { ...month }, demandOf({ rule: 'hidden', shadow: true })];
    const states = [
      state('per-minute', 7),
      state('streams', 2, 5),
      { ...state('gold-monthly', 0, 10_000), resetsAt: month.endsAt },
      state('hidden', 0),
    ];
    expect(rateLimitHeaders({ states, demands, now: noon + 48_000 })).toEqual({
      'ratelimit-policy':
        '"gold-monthly";q=10000;w=2678400, "streams";q=5;qu="concurrent-requests", "per-minute";q=10;w=60',
      ratelimit: '"gold-monthly";r=0;t=1425552, "streams";r=2, "per-minute";r=7;t=12',
      'ratelimit-limit': '10000',
      'ratelimit-remaining': '0',
      'ratelimit-reset': '1425552',
    });
  });

  it('are none without a limit', () => {
    expect(rateLimitHeaders({ states: [], demands: [], now: noon })).toEqual({});
    expect(rateLimitHeaders({ states: [state('s', 1)], demands: [demandOf({ shadow: true })], now: noon })).toEqual({});
  });

  it('stay below 2 KB and printable with 100 limits of odd names', () => {
    const names = Array.from({ length: 100 }, (_, index) => `"\\\r\nset-cookie: é${index}${'x'.repeat(500)}`);
    const headers = rateLimitHeaders({
      states: names.map((name, index) => state(name, index)),
      demands: names.map((rule) => demandOf({ rule })),
      now: noon,
    });
    expect(Object.values(headers).join('').length).toBeLessThan(2_000);
    for (const value of Object.values(headers)) expect(value).toMatch(/^[ -~]+$/);
    expect(headers['ratelimit']?.startsWith('"\\"\\\\??set-cookie: ?0')).toBe(true);
  });
});
