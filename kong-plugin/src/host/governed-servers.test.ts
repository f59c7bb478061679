import { describe, expect, it } from 'vitest';
import { parseSnapshot } from '../config/parse-snapshot.ts';
import { readConfig } from '../config/read-config.ts';
import { readCaller } from '../domain/identity/read-caller.ts';
import { toCall, toMessage } from '../domain/item-call.ts';
import type { LimitsQuestion } from '../domain/limits/limits-left.ts';
import { takeUnits, toTakeInput } from '../pipeline/take-units.ts';
import type { CounterStore } from '../ports/counter-store.ts';
import { createMemoryCounterStore } from '../stores/memory-counter-store.ts';
import { createInlinePolicySource } from '../stores/policy-source-inline.ts';
import { GovernedServers, type Governed } from './governed-servers.ts';
import { LivePolicy } from './live-policy.ts';

const NOW = Date.parse('2026-11-23T10:00:30Z');

const consumer = { id: 'c-1', username: 'acme-support', tags: ['tenant:acme', 'application:helpdesk'] };
const question: LimitsQuestion = { server: 'orders', tool: 'search_orders', consumer, groups: [] };

const policy = {
  version: 1,
  tenants: [{ id: 'acme', time_zone: 'America/New_York' }],
  applications: [{ id: 'helpdesk', tenant: 'acme', match: { consumers: ['acme-support'] } }],
  servers: [{ id: 'orders', tools: [{ name: 'search_orders', weight: 3 }] }],
  plans: [{ id: 'starter', tools: ['*'], limits: [{ id: 'starter-month', window: 'month', limit: 1000 }] }],
  subscriptions: [{ application: 'helpdesk', server: 'orders', plan: 'starter', state: 'active' }],
  limits: [
    { id: 'minute', window: 'minute', limit: 10, per: ['tenant', 'tool'] },
    { id: 'gold', window: 'hour', limit: 9, per: ['application'], callers: { groups: ['gold'] } },
    { id: 'others', window: 'minute', limit: 1, per: ['application'], tools: ['delete_order'] },
    { id: 'globex', window: 'minute', limit: 1, per: ['tenant'], callers: { tenants: ['globex'] } },
    { id: 'at-once', kind: 'concurrent', limit: 5, per: ['application'] },
    { id: 'loops', kind: 'repeat', window: 'minute', limit: 20, per: ['application'] },
    { id: 'watched', window: 'minute', limit: 1, per: ['application'], shadow: true },
  ],
};

const governedBy = (
  document: object = policy,
  { counters = createMemoryCounterStore(), server = {} }: { counters?: CounterStore; server?: object } = {},
): Governed => {
  const config = readConfig({ server: { name: 'orders' }, rules: [], ...server });
  const snapshot = parseSnapshot(JSON.stringify(document));
  if (!config.ok || !snapshot.ok) throw new Error(JSON.stringify([config, snapshot]));
  const source = createInlinePolicySource({ snapshot: snapshot.value, now: () => NOW });
  const live = new LivePolicy({ server: config.value.server, source, warn: () => undefined });
  return { config: config.value.server, policy: () => live.inForce(NOW), counters };
};

/** One call of the consumer, as `govern` takes it. */
const take = async ({ config, policy: inForce, counters }: Governed, requestId: string) => {
  const found = inForce();
  const caller = readCaller({ consumer }, config.callers);
  const call = toCall({ kind: 'tool', name: question.tool }, config);
  if (!found.ok || !caller.ok || call === undefined) throw new Error('no call');
  const resolved = found.value.judge.resolve(caller.value);
  const plan = found.value.judge.planOf(resolved)?.id;
  const asking = { policy: found.value, caller: resolved, plan, server: 'orders', requestId, now: NOW };
  return takeUnits(toTakeInput(toMessage(call), asking), { limits: found.value.limits, store: counters });
};

const ask = (governed: Governed, changes: Partial<LimitsQuestion> = {}) => {
  const servers = new GovernedServers();
  servers.join(governed);
  return servers.limitsLeft({ ...question, ...changes }, NOW);
};

const untouched = [
  { rule: 'minute', kind: 'rate', window: 'minute', limit: 10, used: 0, remaining: 10 },
  { rule: 'at-once', kind: 'concurrent', limit: 5, used: 0, remaining: 5, cost: 1 },
  { rule: 'starter-month', kind: 'rate', window: 'month', limit: 1000, used: 0, remaining: 1000 },
];

describe('what is left of the limits', () => {
  it('is told of the rate and concurrency limits in force for this caller and tool, a month by the tenant’s clock', async () => {
    const left = await ask(governedBy());
    expect(left).toMatchObject({ ok: true, value: untouched });
    expect(left.ok && left.value.map(({ resets_at }) => resets_at)).toEqual([
      '2026-11-23T10:01:00Z',
      undefined,
      '2026-12-01T05:00:00Z',
    ]);
  });

  it('is what a call is told: 2 calls of weight 3 leave 4 of 10, and asking takes nothing', async () => {
    const governed = governedBy();
    await take(governed, 'r1');
    const second = await take(governed, 'r2');
    if (!second.ok) throw new Error('refused');
    for (const _ of [1, 2, 3]) {
      const left = await ask(governed);
      const told = second.value.states.filter(({ rule }) => !['loops', 'watched'].includes(rule));
      expect(left.ok && left.value.map(({ rule, used, remaining }) => ({ rule, used, remaining }))).toEqual(
        told.map(({ rule, used, remaining }) => ({ rule, used, remaining })),
      );
    }
    expect(await ask(governed)).toMatchObject({ value: [{ remaining: 4, cost: 3 }, { used: 2 }, { remaining: 994 }] });
  });

  it('counts the ACL groups of the consumer', async () => {
    const left = await ask(governedBy(), { groups: ['gold'] });
    expect(left.ok && left.value.map(({ rule }) => rule)).toContain('gold');
  });

  it('is nothing of the plan without an active subscription', async () => {
    const suspended = [{ ...policy.subscriptions[0], state: 'suspended' }];
    const left = await ask(governedBy({ ...policy, subscriptions: suspended }));
    expect(left.ok && left.value.map(({ rule }) => rule)).toEqual(['minute', 'at-once']);
  });

  it('of a REST API is told of its operations only', async () => {
    const rest = {
      server: { name: 'orders', kind: 'rest' },
      rest: { operations: [{ name: 'listOrders', method: 'GET', path: '/orders' }] },
    };
    const governed = governedBy({ version: 1, limits: policy.limits }, { server: rest });
    const left = await ask(governed, { tool: 'listOrders' });
    expect(left.ok && left.value.map(({ rule }) => rule)).toEqual(['minute', 'at-once']);
    expect(await ask(governed)).toEqual({ ok: false, error: { reason: 'unknown_tool' } });
  });

  it('cannot be told without a policy, without the store, or of tags that name two tenants', async () => {
    const governed = governedBy();
    expect(await ask({ ...governed, policy: () => ({ ok: false, error: 'stale' }) })).toEqual({
      ok: false,
      error: { reason: 'no_policy' },
    });
    const counters = { ...createMemoryCounterStore(), peek: () => Promise.reject(new Error('away')) };
    expect(await ask({ ...governed, counters })).toEqual({ ok: false, error: { reason: 'store_away' } });
    const tags = ['tenant:acme', 'tenant:globex'];
    expect(await ask(governed, { consumer: { ...consumer, tags } })).toMatchObject({
      ok: false,
      error: { reason: 'unclear_caller' },
    });
  });
});

describe('the servers of a node', () => {
  it('are known while a configuration of theirs is there; of several the newest speaks', async () => {
    const servers = new GovernedServers();
    const rulesOf = async () => {
      const left = await servers.limitsLeft(question, NOW);
      return left.ok ? left.value.map(({ rule }) => rule) : left.error.reason;
    };
    expect(await rulesOf()).toBe('unknown_server');
    const only = (id: string) =>
      governedBy({ version: 1, limits: [{ id, window: 'hour', limit: 1, per: ['tenant'] }] });
    const leaveOld = servers.join(only('old'));
    const leaveNew = servers.join(only('new'));
    expect(await rulesOf()).toEqual(['new']);
    leaveOld();
    leaveOld();
    expect(await rulesOf()).toEqual(['new']);
    leaveNew();
    expect(await rulesOf()).toBe('unknown_server');
  });
});
