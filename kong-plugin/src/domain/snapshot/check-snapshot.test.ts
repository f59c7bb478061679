import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { checkSnapshot, type CheckOptions } from './check-snapshot.ts';
import { describeIssue } from './snapshot-issue.ts';
import { snapshotOf } from './testing/fixtures.ts';

const input_schema: JsonObject = {
  type: 'object',
  properties: {
    amount: { type: 'number' },
    currency: { type: 'string' },
    lines: { type: 'array', items: { type: 'object', properties: { sku: { type: 'string' } } } },
    free: { type: 'object' },
    any: { anyOf: [{ type: 'string' }] },
  },
};
const orders: JsonObject = {
  id: 'orders',
  tools: [{ name: 'create_invoice', input_schema }, { name: 'search_orders' }],
};
const unlisted: JsonObject = { id: 'crm' };

const findings = (part: Readonly<Record<string, JsonValue>>, options?: CheckOptions): readonly string[] =>
  checkSnapshot(snapshotOf({ servers: [orders], ...part }), options).map(describeIssue);

const rule = (more: JsonObject): JsonObject => ({ id: 'r', effect: 'allow', tools: ['create_invoice'], ...more });
const withRule = (more: JsonObject): readonly string[] => findings({ rules: [rule(more)] });

describe('checkSnapshot', () => {
  it.each<[string, JsonObject]>([
    ['a rule about a tool that is there', {}],
    ['a pattern that matches one', { tools: ['create_*'] }],
    ['a deny of tools that may come', { effect: 'deny', tools: ['delete_*'] }],
    ['an argument of the schema', { when: [{ argument: '/amount', at_most: 5 }] }],
    ['one within a list', { when: [{ argument: '/lines/0/sku', like: 'A*' }] }],
    ['one of a free-form object', { when: [{ argument: '/free/x', equals: 1 }] }],
    ['one where the schema has alternatives', { when: [{ argument: '/any', at_most: 5 }] }],
    ['an argument that must not be given', { when: [{ argument: '/discount', exists: false }] }],
    ['a tool without a schema', { tools: ['search_orders'], when: [{ argument: '/x', equals: 1 }] }],
    ['a rule with prompts too', { prompts: ['p'], when: [{ argument: '/x', equals: 1 }] }],
    ['a range', { when: [{ argument: '/amount', at_least: 5, at_most: 5 }] }],
    [
      'two sets with a common value',
      {
        when: [
          { argument: '/amount', in: [1, 2] },
          { argument: '/amount', in: [2, 3] },
        ],
      },
    ],
  ])('finds nothing wrong with %s', (_, more) => {
    expect(withRule(more)).toEqual([]);
  });

  it.each<[string, JsonObject, readonly string[]]>([
    [
      'an unknown tool',
      { tools: ['create_invoce'] },
      ['rules[0].tools[0]: Its servers have no tool create_invoce. Did you mean create_invoice?'],
    ],
    [
      'an unknown tool that is denied',
      { effect: 'deny', tools: ['drop'] },
      ['rules[0].tools[0]: Its servers have no tool drop.'],
    ],
    [
      'a pattern that matches none',
      { tools: ['delete_*'] },
      ['rules[0].tools[0]: No tool of its servers matches delete_*.'],
    ],
    ['no target', { tools: [] }, ['rules[0]: Rule r names no tools, prompts or resources and never matches.']],
    [
      'an unknown argument',
      { when: [{ argument: '/ammount', at_most: 5 }] },
      [
        'rules[0].when[0]: No tool of the rule has an argument /ammount; the condition never holds. Did you mean amount?',
      ],
    ],
    [
      'an unknown argument deeper',
      { when: [{ argument: '/lines/0/sk', equals: 5 }] },
      [
        'rules[0].when[0]: No tool of the rule has an argument /lines/0/sk; the condition never holds. Did you mean sku?',
      ],
    ],
    [
      'a number that is a text',
      { when: [{ argument: '/currency', at_most: 5 }] },
      ["rules[0].when[0]: /currency is string in the tool's schema; at_most is about number."],
    ],
    [
      'conditions on arguments of resources',
      { tools: [], resources: ['x'], when: [{ argument: '/x', equals: 1 }] },
      ['rules[0].when: Resources have no arguments; conditions on arguments never hold.'],
    ],
  ])('reports %s', (_, more, expected) => {
    expect(withRule(more)).toEqual(expected);
  });

  it.each<[readonly JsonObject[], string]>([
    [[{ at_least: 5, at_most: 3 }], '/amount cannot be both at_least 5 and at_most 3'],
    [[{ at_least: 5 }, { less: 5 }], '/amount cannot be both at_least 5 and less 5'],
    [[{ greater: 5, at_most: 5 }], '/amount cannot be both greater 5 and at_most 5'],
    [[{ equals: 7, at_most: 5 }], '/amount cannot be both equals 7 and at_most 5'],
    [[{ equals: 1 }, { equals: 2 }], '/amount cannot be both equals 1 and equals 2'],
    [[{ in: [1, 2] }, { in: [3] }], '/amount cannot be both in [1,2] and in [3]'],
    [[{ equals: 1, not_equals: 1 }], '/amount cannot be both equals 1 and not_equals 1'],
    [[{ in: [1], not_in: [1] }], '/amount cannot be both in [1] and not_in [1]'],
    [[{ exists: false }, { at_most: 5 }], '/amount cannot be both left out and at_most 5'],
    [[{ exists: false }, { exists: true }], '/amount cannot be both left out and exists true'],
  ])('reports the contradiction %j', (tests, expected) => {
    expect(withRule({ when: tests.map((test) => ({ argument: '/amount', ...test })) })).toEqual([
      `rules[0].when: Can never hold: ${expected}.`,
    ]);
  });

  it('reports lengths and methods that contradict each other', () => {
    expect(withRule({ when: [{ argument: '/currency', longer_than: 3, shorter_than: 4 }] })).toEqual([
      'rules[0].when: Can never hold: /currency cannot be both longer_than 3 and shorter_than 4.',
    ]);
    expect(withRule({ when: [{ argument: '/currency', longer_than: 3, shorter_than: 5 }] })).toEqual([]);
    expect(withRule({ when: [{ methods: ['a', 'b'] }, { methods: ['c'] }] })).toEqual([
      'rules[0].when: Can never hold: no method is in all of its lists of methods.',
    ]);
    expect(withRule({ when: [{ methods: ['a', 'b'] }, { methods: ['b'] }] })).toEqual([]);
  });

  it('says nothing about tools while a server that the rule is about does not list its own', () => {
    const rules = [rule({ tools: ['unheard_of'] })];
    expect(findings({ servers: [orders, unlisted], rules })).toEqual([]);
    expect(findings({ rules }, { knownServers: ['orders', 'crm'] })).toEqual([]);
    expect(
      findings({ servers: [orders, unlisted], rules: [rule({ servers: ['orders'], tools: ['unheard_of'] })] }),
    ).toHaveLength(1);
  });

  it('reports servers that the gateway does not have, once it is known which it has', () => {
    const part = {
      rules: [rule({ servers: ['order'] })],
      limits: [{ id: 'l', limit: 1, window: 'day', per: [], servers: ['crm'] }],
    };
    expect(findings(part, { knownServers: ['orders'] })).toEqual([
      'rules[0].servers: The gateway has no server order. Did you mean orders?',
      'limits[0].servers: The gateway has no server crm.',
    ]);
    expect(findings(part)).toEqual([]);
  });

  const deny = rule({ id: 'no', effect: 'deny', tools: ['create_*'] });
  it.each<[string, readonly JsonObject[], readonly string[]]>([
    [
      'an allow that a wider deny overrules',
      [rule({}), deny],
      ['rules[0]: Rule r never allows anything, because rule no denies all of it. Remove one or narrow no.'],
    ],
    [
      'a conditional allow that it overrules',
      [rule({ when: [{ argument: '/amount', at_most: 5 }] }), deny],
      ['rules[0]: Rule r never allows anything, because rule no denies all of it. Remove one or narrow no.'],
    ],
    [
      'conditions that another allow makes pointless',
      [rule({ when: [{ argument: '/amount', at_most: 5 }] }), rule({ id: 'all', tools: ['*'] })],
      ['rules[0].when: Rule r limits nothing, because rule all allows all of it without conditions. Narrow all.'],
    ],
    ['not a deny with conditions', [rule({}), { ...deny, when: [{ argument: '/amount', at_most: 5 }] }], []],
    ['not a deny in shadow mode', [rule({}), { ...deny, shadow: true }], []],
    ['not a deny in lists alone', [rule({}), { ...deny, phases: ['list'] }], []],
    ['not a deny on another server', [rule({ servers: ['orders'] }), { ...deny, servers: ['crm'] }], []],
    ['not a deny of other callers', [rule({}), { ...deny, callers: { tenants: ['acme'] } }], []],
  ])('reports %s', (_, rules, expected) => {
    expect(findings({ rules })).toEqual(expected);
  });

  it('reports names of tenants and applications that are nearly others, and no others', () => {
    const part = {
      tenants: [{ id: 'globex' }],
      applications: [{ id: 'helpdesk' }],
      rules: [rule({ callers: { tenants: ['globbex', 'globex', 'initech', 'glob*'], applications: ['help-desk'] } })],
    };
    expect(findings(part)).toEqual([
      'rules[0].callers.tenants[0]: globbex is not in tenants. Did you mean globex?',
      'rules[0].callers.applications[0]: help-desk is not in applications. Did you mean helpdesk?',
    ]);
  });

  it('reports a consumer of two applications', () => {
    const applications = [
      { id: 'a', match: { consumers: ['x', 'y'] } },
      { id: 'b', match: { consumers: ['y'] } },
      { id: 'c', match: { consumers: ['y'], tags: ['t'] } },
    ];
    expect(findings({ applications })).toEqual([
      'applications[1].match: y is also in application a, which comes first.',
    ]);
  });

  it('reports plans, subscriptions and limits about nothing', () => {
    expect(
      findings({
        applications: [{ id: 'a' }],
        plans: [
          { id: 'gold', tools: ['search_*', 'refund'] },
          { id: 'unused', tools: ['*'] },
        ],
        subscriptions: [
          {
            application: 'a',
            server: 'orders',
            plan: 'gold',
            tools: ['search_orders', 'create_invoice', 'serch_orders'],
            state: 'active',
          },
        ],
        limits: [{ id: 'l', limit: 1, window: 'day', per: [], tools: ['refund_*'] }],
      }),
    ).toEqual([
      'plans[0].tools[1]: Its servers have no tool refund.',
      'plans[1]: Nobody subscribes to plan unused.',
      'subscriptions[0].tools[1]: Plan gold does not include create_invoice.',
      'subscriptions[0].tools[2]: Its servers have no tool serch_orders. Did you mean search_orders?',
      'limits[0].tools[0]: No tool of its servers matches refund_*.',
    ]);
  });

  it('says so instead of comparing 4,000 rules with each other', () => {
    const rules = Array.from({ length: 4000 }, (_, index) =>
      rule({ id: `r${index}`, effect: index % 2 === 0 ? 'allow' : 'deny' }),
    );
    expect(findings({ rules })).toEqual([
      'rules: 2000 allow rules and 4000 unconditional ones are too many to compare.',
    ]);
  });
});
