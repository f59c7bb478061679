import { describe, expect, it } from 'vitest';
import type { Caller } from '../caller.ts';
import type { Decision } from '../decision.ts';
import type { JsonObject } from '../json/json-value.ts';
import { createJudge, type Judge } from '../judge.ts';
import { snapshotOf } from '../snapshot/testing/fixtures.ts';
import {
  anonymous,
  callerOf,
  configOf,
  inputOf,
  noon,
  oauthOptions,
  operationCall,
  ruleOf,
  toolCall,
} from './testing/fixtures.ts';

const desk = callerOf({ consumer: 'acme-support', tenant: 'acme', application: 'acme-support' });
const robot = callerOf({ consumer: 'robot', tenant: 'globex', application: 'robot' });
const stray = callerOf({ consumer: 'stray', application: 'stray' });

const document = (subscriptions: readonly JsonObject[], rules: readonly JsonObject[] = []): Record<string, never> =>
  ({
    tenants: [{ id: 'acme' }, { id: 'globex' }],
    applications: [{ id: 'helpdesk', tenant: 'acme', match: { consumers: ['acme-*'] } }, { id: 'robot' }],
    servers: [{ id: 'orders' }, { id: 'billing' }],
    plans: [
      { id: 'gold', tools: ['search_*', 'create_invoice'] },
      { id: 'free', tools: ['search_orders'] },
    ],
    subscriptions: subscriptions.map((each) => ({
      application: 'helpdesk',
      server: 'orders',
      plan: 'gold',
      state: 'active',
      ...each,
    })),
    rules,
  }) as never;

const judgeOf = (
  subscriptions: readonly JsonObject[],
  rules: readonly JsonObject[] = [],
  config = configOf({}),
): Judge => createJudge(config, snapshotOf(document(subscriptions, rules)));

const shortly = (decision: Decision): string =>
  decision.effect === 'allow' ? `${decision.policy} ${decision.rule}` : `${decision.reason}: ${decision.detail}`;

const decide = (judge: Judge, tool: string, caller: Caller = desk): string =>
  shortly(judge.decide(inputOf(toolCall(tool), caller)));

const shown = (judge: Judge, caller: Caller = desk): readonly string[] =>
  ['search_orders', 'search_users', 'create_invoice', 'delete_order'].filter((tool) =>
    judge.mayUse(caller, 'tool', tool, noon),
  );

describe('an active subscription', () => {
  const judge = judgeOf([{}]);

  it('allows the tools of its plan, in calls and lists, to its application and nobody else', () => {
    expect(decide(judge, 'search_users')).toBe('subscription subscription:gold');
    expect(decide(judge, 'delete_order')).toBe('tool_denied: Unknown tool: delete_order');
    expect(shown(judge)).toEqual(['search_orders', 'search_users', 'create_invoice']);
    for (const caller of [robot, stray]) {
      expect(decide(judge, 'search_users', caller)).toBe('tool_denied: Unknown tool: search_users');
      expect(shown(judge, caller)).toEqual([]);
    }
    expect(decide(judge, 'search_users', anonymous)).toMatch(/^unauthenticated/);
  });

  it('allows REST operations as it allows tools', () => {
    const rest = judgeOf([{}], [], configOf({ server: { name: 'orders', kind: 'rest' } }));
    expect(shortly(rest.decide(inputOf(operationCall('create_invoice'), desk)))).toBe('subscription subscription:gold');
    expect(shortly(rest.decide(inputOf(operationCall('delete_order'), desk)))).toMatch(/^operation_denied/);
  });

  it('with tools of its own allows what is in both', () => {
    const part = judgeOf([{ tools: ['search_orders', 'delete_*'] }]);
    expect(shown(part)).toEqual(['search_orders']);
    expect(decide(part, 'delete_order')).toBe('tool_denied: Unknown tool: delete_order');
  });

  it('to another server allows nothing here', () => {
    expect(shown(judgeOf([{ server: 'billing' }]))).toEqual([]);
  });

  it('does not beat a deny', () => {
    const denied = judgeOf([{}], [{ id: 'no', effect: 'deny', tools: ['search_*'] }]);
    expect(decide(denied, 'search_users')).toBe('tool_denied: Unknown tool: search_users');
    expect(shown(denied)).toEqual(['create_invoice']);
  });

  it('lets a deny about arguments say so, because its caller knows the tool', () => {
    const when = [{ argument: '/amount', greater: 5 }];
    const limited = judgeOf([{}], [{ id: 'no', effect: 'deny', tools: ['create_invoice'], when }]);
    const pay = { ...toolCall('create_invoice'), arguments: { amount: 6 } } as never;
    expect(shortly(limited.decide(inputOf(pay, desk)))).toBe('arguments_denied: /amount must not be more than 5.');
    expect(shortly(limited.decide(inputOf(pay, stray)))).toBe('tool_denied: Unknown tool: create_invoice');
  });

  it('asks for the scopes that a tool needs', () => {
    const scoped = judgeOf([{}], [], configOf({ oauth: oauthOptions }));
    expect(decide(scoped, 'create_invoice')).toMatch(/^insufficient_scope/);
    expect(decide(scoped, 'create_invoice', stray)).toMatch(/^tool_denied/);
  });
});

describe('a subscription that is not active', () => {
  it.each(['suspended', 'revoked', 'expired'])('%s: refuses its tools with a sentence and hides them', (state) => {
    const judge = judgeOf([{ state }]);
    expect(decide(judge, 'search_users')).toBe(
      `subscription_inactive: The subscription of helpdesk to orders (plan gold) is ${state}.`,
    );
    expect(shown(judge)).toEqual([]);
    expect(decide(judge, 'delete_order')).toBe('tool_denied: Unknown tool: delete_order');
    expect(decide(judge, 'search_users', stray)).toBe('tool_denied: Unknown tool: search_users');
  });

  it('refuses what a rule would allow', () => {
    const config = configOf({ rules: [ruleOf({ id: 'all', tools: ['*'], prompts: ['*'], resources: ['*'] })] });
    const judge = judgeOf([{ state: 'suspended' }], [], config);
    expect([decide(judge, 'search_users'), decide(judge, 'delete_order')]).toEqual([
      expect.stringMatching(/^subscription_inactive/),
      'tool-access all',
    ]);
    expect(shown(judge)).toEqual(['delete_order']);
    const resumed = inputOf({ kind: 'stream', method: 'GET' }, desk, { message: { isResumed: true } });
    expect(judge.decide(resumed)).toMatchObject({ effect: 'deny', reason: 'resume_refused' });
    expect(judge.decide({ ...resumed, caller: stray })).toMatchObject({ effect: 'allow' });
  });

  it('says nothing about a tool that a deny hides', () => {
    const judge = judgeOf([{ state: 'revoked' }], [{ id: 'no', effect: 'deny', tools: ['search_users'] }]);
    expect(decide(judge, 'search_users')).toBe('tool_denied: Unknown tool: search_users');
  });

  it('gives way to an active one for the tools that both are about', () => {
    const judge = judgeOf([{ state: 'revoked' }, { plan: 'free' }]);
    expect(decide(judge, 'search_orders')).toBe('subscription subscription:free');
    expect(decide(judge, 'search_users')).toMatch(/^subscription_inactive/);
    expect(judge.planOf(desk)?.id).toBe('free');
  });
});

describe('the application of a caller', () => {
  it.each<[string, Caller, string | undefined, string | undefined]>([
    ['is the one that matches', desk, 'helpdesk', 'gold'],
    ['is the tag where the snapshot has no such application', stray, 'stray', undefined],
    ['is found by the tag that is its id, when it says no match', robot, 'robot', 'free'],
    // Whoever is named like an application of the snapshot, but is not matched by it, gets nothing of it.
    [
      'is not an application that only has the same name',
      callerOf({ consumer: 'helpdesk', application: 'helpdesk' }),
      undefined,
      undefined,
    ],
    [
      'is not one of another tenant',
      callerOf({ consumer: 'acme-spy', tenant: 'globex', application: 'x' }),
      'x',
      undefined,
    ],
    ['is none of an anonymous caller', anonymous, undefined, undefined],
  ])('%s', (_, caller, application, plan) => {
    const judge = judgeOf([{}, { application: 'robot', plan: 'free' }]);
    expect([judge.applicationOf(caller), judge.planOf(caller)?.id]).toEqual([application, plan]);
    expect(judge.resolve(caller).application).toBe(application);
  });

  it('brings its tenant, which rules then see, unless a tag names one', () => {
    const untagged = callerOf({ consumer: 'acme-bot' });
    const judge = judgeOf(
      [],
      [{ id: 'acme', effect: 'allow', callers: { tenants: ['acme'], applications: ['helpdesk'] }, tools: ['x'] }],
    );
    expect(judge.resolve(untagged)).toEqual({ ...untagged, application: 'helpdesk', tenant: 'acme' });
    expect(decide(judge, 'x', untagged)).toBe('tool-access acme');
    expect(decide(judge, 'x', robot)).toBe('tool_denied: Unknown tool: x');
  });

  it('is what Kong says where there is no snapshot', () => {
    const judge = createJudge(configOf({}));
    expect([judge.applicationOf(desk), judge.planOf(desk), judge.resolve(desk)]).toEqual([
      'acme-support',
      undefined,
      desk,
    ]);
  });

  it('stays right for 10,000 applications and subscriptions, asked in two rounds', () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `app-${index}`);
    const judge = createJudge(
      configOf({}),
      snapshotOf({
        applications: ids.map((id) => ({ id, match: { consumers: [`user-of-${id}`] } })),
        servers: [{ id: 'orders' }],
        plans: [0, 1, 2].map((plan) => ({ id: `plan-${plan}`, tools: [`tool-${plan}`] })),
        subscriptions: ids.map((application, index) => ({
          application,
          server: 'orders',
          plan: `plan-${index % 3}`,
          state: index % 5 === 0 ? 'suspended' : 'active',
        })),
      }),
    );
    for (let round = 0; round < 2; round++)
      for (let index = 0; index < 10_000; index += 97) {
        const caller = callerOf({ consumer: `user-of-app-${index}`, application: `user-of-app-${index}` });
        const isActive = index % 5 !== 0;
        expect(judge.applicationOf(caller)).toBe(`app-${index}`);
        expect(judge.mayUse(caller, 'tool', `tool-${index % 3}`, noon)).toBe(isActive);
        expect(judge.mayUse(caller, 'tool', `tool-${(index + 1) % 3}`, noon)).toBe(false);
        expect(judge.planOf(caller)?.id).toBe(isActive ? `plan-${index % 3}` : undefined);
      }
  });
});
