import { describe, expect, it } from 'vitest';
import type { Call } from '../call.ts';
import type { Caller } from '../caller.ts';
import {
  anonymous,
  callerOf,
  messageOf,
  operationCall,
  promptCall,
  resourceCall,
  toolCall,
} from '../policies/testing/fixtures.ts';
import type { Plan } from '../snapshot/snapshot.ts';
import { compileLimits, type LimitsSource } from './compile-limits.ts';
import { demandsOf, type DemandsInput, type LimitDemand } from './demands-of.ts';
import type { LimitRule } from './limit-rule.ts';
import { limitOf, noon } from './testing/fixtures.ts';

const alice = callerOf({ consumer: 'alice', tenant: 'acme', application: 'crm', user: 'u1' });

const demands = (
  source: LimitsSource | readonly LimitRule[],
  input: Partial<Omit<DemandsInput, 'message'>> & { readonly call?: Call } = {},
): readonly LimitDemand[] => {
  const { call = toolCall('create_invoice'), ...rest } = input;
  return demandsOf(
    {
      message: messageOf(call),
      caller: alice,
      server: 'orders',
      weightOf: () => 1,
      now: noon,
      ...rest,
    },
    compileLimits('limits' in source ? source : { limits: source }),
  );
};
const keyOf = (rule: Partial<LimitRule>, input: Parameters<typeof demands>[1] = {}): string | undefined =>
  demands([limitOf({ id: 'l', ...rule })], input)[0]?.key;

describe('what counts', () => {
  const all = [limitOf({ id: 'all' }), limitOf({ id: 'open', kind: 'concurrent' })];
  it.each<[string, Call]>([
    ['a tool call', toolCall('create_invoice')],
    ['a retry with inputResponses', { ...toolCall('create_invoice'), isRetry: true } as Call],
    ['a REST operation', operationCall('getPayment')],
  ])('%s counts', (_, call) => {
    expect(demands(all, { call }).map((demand) => demand.rule)).toEqual(['all', 'open']);
  });

  it.each<Call>([
    promptCall('p'),
    resourceCall('file:///a'),
    { kind: 'list', method: 'tools/list', itemKind: 'tool' },
    { kind: 'lifecycle', method: 'initialize' },
    { kind: 'lifecycle', method: 'server/discover' },
    { kind: 'lifecycle', method: 'ping' },
    { kind: 'notification', method: 'notifications/initialized' },
    { kind: 'response', method: 'response' },
    { kind: 'session_end', method: 'DELETE' },
    { kind: 'task', method: 'tasks/get', taskId: 't' },
    { kind: 'completion', method: 'completion/complete', reference: { kind: 'prompt', name: 'p' } },
  ])('$method never counts', (call) => {
    expect(demands(all, { call })).toEqual([]);
  });

  it.each<Call>([
    { kind: 'stream', method: 'GET' },
    { kind: 'listen', method: 'subscriptions/listen', resourceUris: [], taskIds: [] },
  ])('$method holds a place of the concurrency limits, and costs no units', (call) => {
    const limits = [
      ...all,
      limitOf({ id: 'loops', kind: 'repeat' }),
      limitOf({ id: 'tools', kind: 'concurrent', tools: ['search_*'] }),
      limitOf({ id: 'streams', kind: 'concurrent', tools: [call.method] }),
    ];
    expect(demands(limits, { call }).map(({ rule, cost }) => [rule, cost])).toEqual([
      ['open', 1],
      ['streams', 1],
    ]);
  });

  it('a retry has the key of the call it repeats, so that the flag frees nothing', () => {
    const retry: Call = { kind: 'tool', method: 'tools/call', name: 'create_invoice', arguments: {}, isRetry: true };
    for (const kind of ['rate', 'repeat'] as const) expect(keyOf({ kind }, { call: retry })).toBe(keyOf({ kind }));
  });
});

describe('which limits concern a call', () => {
  it.each<[string, Partial<LimitRule>, boolean]>([
    ['everything', {}, true],
    ['its tool', { tools: ['create_*'] }, true],
    ['another tool', { tools: ['delete_*'] }, false],
    ['its server', { servers: ['orders'] }, true],
    ['another server', { servers: ['crm'] }, false],
    ['its tenant', { callers: { tenants: ['acme'] } }, true],
    ['another tenant', { callers: { tenants: ['umbrella'] } }, false],
    ['its application', { callers: { applications: ['crm'] } }, true],
    ['no tool in particular, by an empty list', { tools: [], servers: [] }, true],
  ])('a limit on %s', (_, rule, concerns) => {
    expect(demands([limitOf({ id: 'l', ...rule })])).toHaveLength(concerns ? 1 : 0);
  });

  it('limits anonymous callers too when it names nobody, and by name only when it says so', () => {
    const of = (callers: LimitRule['callers']) =>
      demands([limitOf({ id: 'l', callers })], { caller: anonymous }).length;
    expect([of({}), of({ tenants: ['*'] }), of({ anonymous: true })]).toEqual([1, 0, 1]);
  });

  it('takes the application that the snapshot names before the one of the consumer', () => {
    const limits = [limitOf({ id: 'l', callers: { applications: ['billing'] }, per: ['application'] })];
    expect(demands(limits)).toEqual([]);
    expect(demands(limits, { application: 'billing' })[0]?.key).toContain('"=billing"');
  });

  it('adds those of the plan, counted per subscription unless they say otherwise', () => {
    const plan = (id: string): Plan => ({
      id,
      tools: ['*'],
      limits: [
        limitOf({ id: 'month', window: 'month' }),
        limitOf({ id: 'app', per: ['server', 'application'] }),
        limitOf({ id: 'own', per: ['user'] }),
      ],
    });
    const source = { limits: [limitOf({ id: 'all' })], plans: [plan('gold'), plan('silver')] };
    expect(demands(source).map((demand) => demand.rule)).toEqual(['all']);
    expect(demands(source, { plan: 'unknown' }).map((demand) => demand.rule)).toEqual(['all']);
    const gold = demands(source, { plan: 'gold' });
    expect(gold.map((demand) => [demand.rule, demand.scope])).toEqual([
      ['all', []],
      ['month', ['tenant', 'application', 'server']],
      ['app', ['tenant', 'application', 'server']],
      ['own', ['user']],
    ]);
    const keys = [...gold, ...demands(source, { plan: 'silver' }).slice(1)].map((demand) => demand.key);
    expect(new Set(keys).size).toBe(7);
  });

  it('looks at as many limits for one application among 10,000 as among 10', () => {
    for (const count of [10, 10_000]) {
      const limits = Array.from({ length: count }, (_, index) =>
        limitOf({ id: `l${index}`, callers: { applications: [`app-${index}`] } }),
      );
      const compiled = compileLimits({ limits });
      const seen = (application: string) =>
        compiled
          .find({ caller: callerOf({ consumer: 'c', application }), server: 's', tool: 't' })
          .map((limit) => limit.rule.id);
      expect(seen('app-7')).toEqual(['l7']);
      expect(seen(`app-${count - 1}`)).toEqual([`l${count - 1}`]);
      expect(seen('app-none')).toEqual([]);
    }
  });

  it('remembers no caller as another: tenant, application and plan are told apart', () => {
    const compiled = compileLimits({ limits: [limitOf({ id: 'a', callers: { tenants: ['a'] } })] });
    const names = (caller: Caller) => compiled.find({ caller, server: 's', tool: 't' }).map((limit) => limit.rule.id);
    expect(names(callerOf({ consumer: 'x', tenant: 'a' }))).toEqual(['a']);
    expect(names(callerOf({ consumer: 'x', tenant: 'b' }))).toEqual([]);
    expect(names(callerOf({ consumer: 'x', tenant: 'a' }))).toEqual(['a']);
  });

  it('counts two limits of one id once, by the stricter', () => {
    const twice = [limitOf({ id: 'l', limit: 10 }), limitOf({ id: 'l', limit: 3 })];
    expect(demands(twice).map((demand) => demand.limit)).toEqual([3]);
  });
});

describe('keys', () => {
  it('differ exactly in what the limit is counted per', () => {
    const bob = callerOf({ consumer: 'bob', tenant: 'acme', application: 'crm', user: 'u2' });
    expect(keyOf({ per: ['user'] }, { caller: bob })).not.toBe(keyOf({ per: ['user'] }));
    expect(keyOf({ per: ['application'] }, { caller: bob })).toBe(keyOf({ per: ['application'] }));
    expect(keyOf({ per: ['tool'] }, { call: toolCall('x') })).not.toBe(keyOf({ per: ['tool'] }));
    expect(keyOf({ per: ['server'] }, { call: toolCall('x') })).toBe(keyOf({ per: ['server'] }));
    expect(keyOf({ per: ['server', 'tool'] })).toBe(keyOf({ per: ['tool', 'server', 'tool'] }));
    expect(keyOf({ per: ['server'] })).not.toBe(keyOf({ per: ['tool'] }, { call: toolCall('orders') }));
  });

  it('differ in the window that holds the call, by its start', () => {
    const later = (now: number) => keyOf({ window: 'minute' }, { now });
    expect(later(noon + 59_999)).toBe(later(noon));
    expect(later(noon + 60_000)).not.toBe(later(noon));
    expect(keyOf({ kind: 'concurrent' }, { now: noon + 60_000 })).toBe(keyOf({ kind: 'concurrent' }));
  });

  it.each<[Partial<Caller>, Partial<Caller>]>([
    [
      { tenant: 'a', application: 'b,c' },
      { tenant: 'a,b', application: 'c' },
    ],
    [
      { tenant: 'a","b', application: 'c' },
      { tenant: 'a', application: 'b","c' },
    ],
    [
      { tenant: 'a}', application: '' },
      { tenant: 'a', application: '}' },
    ],
    [{ tenant: 'n' }, {}],
    [{ tenant: '' }, {}],
    [{ tenant: '*' }, {}],
    [{ tenant: 'x'.repeat(65) }, { tenant: 'x'.repeat(66) }],
    [
      { tenant: 't', application: 'y'.repeat(300) },
      { tenant: 't', application: 'y'.repeat(301) },
    ],
    [{ tenant: 't', application: 'consumer id-of-z' }, { tenant: 't' }],
  ])('of %j and %j are two', (left, right) => {
    const rule = { per: ['tenant', 'application'] } as const;
    const key = (names: Partial<Caller>) => keyOf(rule, { caller: callerOf({ consumer: 'z', ...names }) });
    expect(key(left)).not.toBe(key(right));
  });

  it('have the tag of their tenant, or one tag for limits across tenants, and never another brace before it', () => {
    const tagOf = (key = '') => /^\{([^{}]+)\}/.exec(key)?.[1];
    expect(tagOf(keyOf({ per: ['tenant', 'tool'] }))).toBe('t:acme');
    expect(tagOf(keyOf({ per: ['application'] }))).toBe('*');
    expect(tagOf(keyOf({ per: ['tenant'] }, { caller: callerOf({ consumer: 'x' }) }))).toBe('n');
    const odd = tagOf(keyOf({ per: ['tenant'] }, { caller: callerOf({ consumer: 'x', tenant: '}{\u0000\ud800' }) }));
    expect(odd).toMatch(/^h:[0-9a-f]{32}$/);
  });

  it('have at most 240 characters, whatever the names', () => {
    const caller = callerOf({
      consumer: 'x',
      tenant: '}'.repeat(256),
      application: 'é'.repeat(256),
      user: '"'.repeat(256),
    });
    const key = keyOf({ per: ['tenant', 'application', 'user', 'server', 'tool'] }, { caller }) ?? '';
    expect(key.length).toBeGreaterThan(0);
    expect(key.length).toBeLessThanOrEqual(240);
  });

  it('hold callers without application and user apart by their consumer', () => {
    const of = (consumer: string) => keyOf({ per: ['user'] }, { caller: callerOf({ consumer }) });
    expect(of('a')).not.toBe(of('b'));
  });
});

describe('the loop breaker', () => {
  const call = (args: Record<string, number>, name = 'create_invoice'): Call => ({
    kind: 'tool',
    method: 'tools/call',
    name,
    arguments: args,
    isRetry: false,
  });
  const key = (made: Call, caller = alice) => keyOf({ kind: 'repeat' }, { call: made, caller });

  it('counts one tool with the same arguments together, however they were written', () => {
    expect(key(call({ a: 1, b: 2 }))).toBe(key(call({ b: 2, a: 1 })));
  });

  it('counts other arguments, tools and callers apart though it names no scope', () => {
    const bob = callerOf({ consumer: 'bob', tenant: 'acme', application: 'crm', user: 'u2' });
    const keys = [key(call({ a: 1 })), key(call({ a: 2 })), key(call({ a: 1 }, 'x')), key(call({ a: 1 }), bob)];
    expect(new Set(keys).size).toBe(4);
  });
});

describe('costs and times', () => {
  it.each<[number, number | undefined]>([
    [1, 1],
    [5, 5],
    [0.2, 1],
    [1e12, 1_000_000_000],
    [Number.NaN, 1],
    [-3, 1],
    [0, undefined],
  ])('a weight of %d costs %s', (weight, cost) => {
    expect(demands([limitOf({ id: 'l' })], { weightOf: () => weight })[0]?.cost).toBe(cost);
  });

  it.each(['concurrent', 'repeat'] as const)('a weight of 5 is still one call for %s', (kind) => {
    expect(demands([limitOf({ id: 'l', kind })], { weightOf: () => 5 })[0]?.cost).toBe(1);
  });

  it('a month ends where the tenant is', () => {
    const [demand] = demands([limitOf({ id: 'l', window: 'month' })], { tenantTimeZone: 'America/New_York' });
    expect([demand?.startsAt, demand?.endsAt]).toEqual([Date.UTC(2026, 7, 1, 4), Date.UTC(2026, 8, 1, 4)]);
  });

  it('a lease ends by itself 10 minutes after the call began, or when the operator says', () => {
    const limits = [limitOf({ id: 'l', kind: 'concurrent', window: 'month' })];
    expect(demands(limits)[0]).toMatchObject({ startsAt: noon, endsAt: noon + 600_000 });
    const compiled = compileLimits({ limits }, { maxCallMs: 5_000 });
    const input = { message: messageOf(toolCall('t')), caller: alice, server: 's', weightOf: () => 1, now: noon };
    expect(demandsOf(input, compiled)[0]?.endsAt).toBe(noon + 5_000);
  });
});
