import { describe, expect, it } from 'vitest';
import type { Call } from '../call.ts';
import type { Decision } from '../decision.ts';
import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { createJudge, type Judge } from '../judge.ts';
import { snapshotOf } from '../snapshot/testing/fixtures.ts';
import {
  anonymous,
  callerOf,
  configOf,
  inputOf,
  noon,
  operationCall,
  promptCall,
  resourceCall,
  ruleOf,
  toolCall,
} from './testing/fixtures.ts';

const ann = callerOf({ consumer: 'ann', tenant: 'acme' });

const judgeOf = (rules: readonly JsonObject[], config = configOf({})): Judge =>
  createJudge(config, snapshotOf({ rules }));

const call = (name: string, values: JsonObject): Call => ({ ...toolCall(name), arguments: values }) as Call;

const shortly = (decision: Decision): string =>
  decision.effect === 'allow' ? decision.rule : `${decision.reason}: ${decision.detail}`;

const decide = (judge: Judge, values: JsonObject, at = noon): string =>
  shortly(judge.decide(inputOf(call('pay', values), ann, { now: at })));

const shows = (judge: Judge, name = 'pay', at = noon): boolean => judge.mayUse(ann, 'tool', name, at);

const hidden = 'tool_denied: Unknown tool: pay';

describe('an allow with conditions on arguments', () => {
  const judge = judgeOf([
    {
      id: 'small',
      effect: 'allow',
      tools: ['pay'],
      when: [
        { argument: '/amount', at_most: 1000 },
        { argument: '/currency', in: ['EUR', 'USD'] },
      ],
    },
  ]);

  it.each<[JsonObject, string]>([
    [{ amount: 1000, currency: 'EUR' }, 'small'],
    [{ amount: -5, currency: 'USD' }, 'small'],
    [{ amount: 1000.01, currency: 'EUR' }, 'arguments_denied: /amount must be at most 1000.'],
    [{ amount: '5', currency: 'EUR' }, 'arguments_denied: /amount must be at most 1000.'],
    [{ amount: [5], currency: 'EUR' }, 'arguments_denied: /amount must be at most 1000.'],
    [{ amount: null, currency: 'EUR' }, 'arguments_denied: /amount must be at most 1000.'],
    [{ currency: 'EUR' }, 'arguments_denied: /amount must be at most 1000.'],
    [{ amount: 5, currency: 'eur' }, 'arguments_denied: /currency must be one of "EUR", "USD".'],
    [{ amount: 5, currency: ['EUR'] }, 'arguments_denied: /currency must be one of "EUR", "USD".'],
    [{}, 'arguments_denied: /amount must be at most 1000.'],
  ])('%j: %s', (values, expected) => {
    expect(decide(judge, values)).toBe(expected);
  });

  it('shows the tool, for some arguments may be used', () => {
    expect(shows(judge)).toBe(true);
    expect(shows(judge, 'other')).toBe(false);
  });

  it('never repeats what the argument was', () => {
    expect(decide(judge, { amount: 5, currency: 'SECRET-4111' })).not.toContain('SECRET');
  });

  it('says its message instead of the condition', () => {
    const polite = judgeOf([
      {
        id: 'small',
        effect: 'allow',
        tools: ['pay'],
        when: [{ argument: '/amount', less: 5 }],
        message: 'Ask finance.',
      },
    ]);
    expect(decide(polite, { amount: 5 })).toBe('arguments_denied: Ask finance.');
    expect(decide(polite, { amount: 4 })).toBe('small');
  });

  it('is not needed where another rule allows the tool without conditions', () => {
    const config = configOf({ rules: [ruleOf({ id: 'all', tools: ['pay'] })] });
    const both = createJudge(
      config,
      snapshotOf({
        rules: [{ id: 'small', effect: 'allow', tools: ['pay'], when: [{ argument: '/amount', less: 5 }] }],
      }),
    );
    expect(decide(both, { amount: 9 })).toBe('all');
    expect(decide(both, { amount: 1 })).toBe('all');
  });

  it('tells nothing when a deny hides the tool', () => {
    const config = configOf({ rules: [ruleOf({ id: 'no', effect: 'deny', tools: ['pay'] })] });
    const both = createJudge(
      config,
      snapshotOf({
        rules: [{ id: 'small', effect: 'allow', tools: ['pay'], when: [{ argument: '/amount', less: 5 }] }],
      }),
    );
    expect([decide(both, { amount: 9 }), decide(both, { amount: 1 }), shows(both)]).toEqual([hidden, hidden, false]);
  });

  it('counts for prompts and operations too, and never for resources, which have no arguments', () => {
    const judge = judgeOf([
      {
        id: 'r',
        effect: 'allow',
        tools: ['pay'],
        prompts: ['greet'],
        resources: ['docs://x'],
        when: [{ argument: '/a', equals: 1 }],
      },
    ]);
    const on = (call: Call): string => shortly(judge.decide(inputOf(call, ann)));
    expect(on({ ...promptCall('greet'), arguments: { a: 1 } } as Call)).toBe('r');
    expect(on(promptCall('greet'))).toBe('arguments_denied: /a must be 1.');
    expect(on({ ...operationCall('pay'), arguments: { a: 1 } } as Call)).toBe('r');
    expect(on(resourceCall('docs://x'))).toBe('arguments_denied: /a must be 1.');
  });
});

describe('a deny with conditions on arguments', () => {
  const rules: readonly JsonObject[] = [
    { id: 'may-pay', effect: 'allow', tools: ['pay'] },
    { id: 'not-much', effect: 'deny', tools: ['pay'], when: [{ argument: '/amount', greater: 1000 }] },
  ];
  const judge = judgeOf(rules);

  it.each<[JsonObject, string]>([
    [{ amount: 1000 }, 'may-pay'],
    [{}, 'may-pay'],
    [{ amount: 1001 }, 'arguments_denied: /amount must not be more than 1000.'],
    // A server may take the text for the number: a deny that cannot compare holds.
    [{ amount: '5000' }, 'arguments_denied: /amount must not be more than 1000.'],
    [{ amount: '5' }, 'arguments_denied: /amount must not be more than 1000.'],
    [{ amount: null }, 'arguments_denied: /amount must not be more than 1000.'],
    [{ amount: [1] }, 'arguments_denied: /amount must not be more than 1000.'],
  ])('%j: %s', (values, expected) => {
    expect(decide(judge, values)).toBe(expected);
  });

  it('does not hide the tool', () => {
    expect(shows(judge)).toBe(true);
  });

  it('tells nothing to a caller who may not use the tool at all', () => {
    const [, deny = {}] = rules;
    const alone = judgeOf([deny]);
    expect([decide(alone, { amount: 5000 }), decide(alone, { amount: 1 })]).toEqual([hidden, hidden]);
    const other = judgeOf([deny, { id: 'bob', effect: 'allow', callers: { consumers: ['bob'] }, tools: ['pay'] }]);
    expect(decide(other, { amount: 5000 })).toBe(hidden);
  });

  it('names all its conditions on arguments when it has several', () => {
    const two = judgeOf([
      { id: 'may-pay', effect: 'allow', tools: ['pay'] },
      {
        id: 'no',
        effect: 'deny',
        tools: ['pay'],
        when: [
          { argument: '/amount', greater: 9 },
          { argument: '/to', like: '*.example' },
        ],
      },
    ]);
    expect(decide(two, { amount: 10, to: 'a.example' })).toBe(
      'arguments_denied: Refused because /amount is more than 9 and /to is like "*.example".',
    );
    expect(decide(two, { amount: 10, to: 'a.test' })).toBe('may-pay');
    expect(decide(two, { amount: 9, to: 'a.example' })).toBe('may-pay');
  });

  it('says its message', () => {
    const polite = judgeOf([
      { id: 'may-pay', effect: 'allow', tools: ['pay'] },
      { id: 'no', effect: 'deny', tools: ['pay'], when: [{ argument: '/amount', greater: 9 }], message: 'Up to 9.' },
    ]);
    expect(decide(polite, { amount: 10 })).toBe('arguments_denied: Up to 9.');
  });
});

describe('the comparisons', () => {
  it.each<[JsonObject, readonly JsonValue[], readonly JsonValue[]]>([
    [{ equals: 1 }, [1], ['1', true, null, [1], { a: 1 }]],
    [{ equals: null }, [null], [0, '', 'null', []]],
    [{ equals: { a: 1, b: [2] } }, [{ b: [2], a: 1 }], [{ a: 1 }, { a: 1, b: [2], c: 3 }]],
    [{ not_equals: 1 }, ['1', null, [1]], [1]],
    [{ less: 5 }, [4.9, -1], [5, 6, '4', null]],
    [{ at_most: 5 }, [5], [5.1, '5']],
    [{ greater: 5 }, [5.1], [5, '6', [6]]],
    [{ at_least: 5 }, [5], [4.9, '5']],
    [{ in: ['a', 2, [3]] }, ['a', 2, [3]], ['b', '2', 3]],
    [{ not_in: ['a', 2] }, ['b', '2', null], ['a', 2]],
    [{ like: 'a*c' }, ['abc', 'ac'], ['abd', 1, ['abc'], null]],
    [{ not_like: 'a*c' }, ['abd', ''], ['abc', 1, null]],
    [{ longer_than: 2 }, ['abc', [1, 2, 3]], ['ab', [1, 2], 'é😀', 3, { a: 1, b: 2, c: 3 }]],
    [{ shorter_than: 2 }, ['a', '😀', [], [1]], ['ab', [1, 2], 1, {}]],
    [{ exists: true }, [0, null, '', false], []],
  ])('%j holds for the first and for none of the second', (test, holding, failing) => {
    const judge = judgeOf([{ id: 'r', effect: 'allow', tools: ['pay'], when: [{ argument: '/x', ...test }] }]);
    for (const x of holding) expect([x, decide(judge, { x })]).toEqual([x, 'r']);
    for (const x of failing) expect([x, decide(judge, { x })]).toEqual([x, expect.stringMatching(/^arguments_denied/)]);
    expect(decide(judge, {})).toMatch(/^arguments_denied/);
  });

  it('exists: false holds only for an argument that is left out', () => {
    const judge = judgeOf([{ id: 'r', effect: 'allow', tools: ['pay'], when: [{ argument: '/x', exists: false }] }]);
    expect(decide(judge, { y: 1 })).toBe('r');
    expect(decide(judge, { x: null })).toBe('arguments_denied: /x must be left out.');
  });

  it.each<[string, JsonObject, boolean]>([
    ['/a/b', { a: { b: 1 } }, true],
    ['/a~1b', { 'a/b': 1 }, true],
    ['/a~0b', { 'a~b': 1 }, true],
    ['/~01', { '~1': 1 }, true],
    ['/list/0', { list: [1] }, true],
    ['/', { '': 1 }, true],
    ['/list/-', { list: [1] }, false],
    ['/list/00', { list: [1] }, false],
    ['/list/1', { list: [1] }, false],
    ['/list/length', { list: [1] }, false],
    ['/text/0', { text: '1' }, false],
    ['/constructor', {}, false],
    ['/__proto__/x', {}, false],
    ['/a/b', { 'a/b': 1 }, false],
    ['/A', { a: 1 }, false],
  ])('the pointer %j in %j finds something: %s', (argument, values, expected) => {
    const judge = judgeOf([{ id: 'r', effect: 'allow', tools: ['pay'], when: [{ argument, exists: true }] }]);
    expect(decide(judge, values) === 'r').toBe(expected);
  });
});

describe('conditions on time', () => {
  const office = { zone: 'Europe/Rome', days: ['mon', 'tue'], from: '09:00', to: '18:00' };
  const judge = judgeOf([{ id: 'office', effect: 'allow', tools: ['pay'], when: [{ time: office }] }]);
  it.each<[string, boolean]>([
    ['2026-11-23T08:00:00Z', true], // Monday 09:00
    ['2026-11-23T07:59:59.999Z', false],
    ['2026-11-24T16:59:59.999Z', true],
    ['2026-11-24T17:00:00Z', false], // Tuesday 18:00
    ['2026-11-25T11:00:00Z', false], // Wednesday
    ['2026-07-06T07:00:00Z', true], // Monday 09:00, summer time
    ['2026-07-06T16:00:00Z', false],
    ['2026-11-22T23:30:00Z', false], // Monday 00:30 in Rome
  ])('%s: %s, for lists and calls alike', (time, expected) => {
    const at = Date.parse(time);
    expect([shows(judge, 'pay', at), decide(judge, {}, at)]).toEqual([expected, expected ? 'office' : hidden]);
  });

  it('that end before they begin run into the next day', () => {
    const night = judgeOf([
      {
        id: 'night',
        effect: 'allow',
        tools: ['pay'],
        when: [{ time: { zone: 'UTC', days: ['sun'], from: '22:00', to: '02:00' } }],
      },
    ]);
    const open = ['2026-11-22T22:00:00Z', '2026-11-22T23:59:00Z', '2026-11-23T00:00:00Z', '2026-11-23T01:59:59Z'];
    const closed = ['2026-11-22T21:59:00Z', '2026-11-23T02:00:00Z', '2026-11-22T01:00:00Z', '2026-11-23T22:00:00Z'];
    expect(open.map((at) => shows(night, 'pay', Date.parse(at)))).toEqual([true, true, true, true]);
    expect(closed.map((at) => shows(night, 'pay', Date.parse(at)))).toEqual([false, false, false, false]);
  });

  it('hide the tool outside of them, whatever else its arguments would need', () => {
    const both = judgeOf([
      { id: 'r', effect: 'allow', tools: ['pay'], when: [{ time: office }, { argument: '/amount', at_most: 5 }] },
    ]);
    const sunday = Date.parse('2026-11-22T11:00:00Z');
    expect(decide(both, { amount: 6 })).toBe('arguments_denied: /amount must be at most 5.');
    expect([
      decide(both, { amount: 6 }, sunday),
      decide(both, { amount: 5 }, sunday),
      shows(both, 'pay', sunday),
    ]).toEqual([hidden, hidden, false]);
  });
});

describe('conditions on methods', () => {
  it('are met by the method of the call, and in a list by the one that uses the item', () => {
    const judge = judgeOf([
      { id: 'read', effect: 'allow', resources: ['docs://*'], when: [{ methods: ['resources/read'] }] },
      { id: 'no-prompts', effect: 'allow', tools: ['pay'], when: [{ methods: ['prompts/get'] }] },
    ]);
    const on = (call: Call): string => shortly(judge.decide(inputOf(call, ann)));
    expect(on(resourceCall('docs://a'))).toBe('read');
    expect(on({ kind: 'resource', method: 'resources/subscribe', uri: 'docs://a' })).toBe(
      'resource_denied: Resource not found: docs://a',
    );
    expect(judge.mayUse(ann, 'resource', 'docs://a', noon)).toBe(true);
    expect(shows(judge)).toBe(false);
  });
});

describe('phases', () => {
  it('let a tool be called that no list shows, and be shown though no call is allowed', () => {
    const judge = judgeOf([
      { id: 'callable', effect: 'allow', tools: ['pay'], phases: ['call'] },
      { id: 'visible', effect: 'allow', tools: ['look'], phases: ['list'] },
    ]);
    expect([shows(judge), decide(judge, {})]).toEqual([false, 'callable']);
    expect([shows(judge, 'look'), shortly(judge.decide(inputOf(toolCall('look'), ann)))]).toEqual([
      true,
      'tool_denied: Unknown tool: look',
    ]);
  });

  it('let a deny hide a tool from lists alone', () => {
    const judge = judgeOf([
      { id: 'all', effect: 'allow', tools: ['*'], prompts: ['*'], resources: ['*'] },
      { id: 'not-shown', effect: 'deny', tools: ['pay'], phases: ['list'] },
    ]);
    expect([shows(judge), decide(judge, {})]).toEqual([false, 'all']);
    const resumed = inputOf({ kind: 'stream', method: 'GET' }, ann, { message: { isResumed: true } });
    expect(judge.decide(resumed)).toMatchObject({ effect: 'deny', reason: 'resume_refused' });
  });
});

describe('a message', () => {
  it('of a deny without conditions is told, because its author wants it read', () => {
    const judge = judgeOf([
      { id: 'all', effect: 'allow', tools: ['*'] },
      { id: 'no', effect: 'deny', tools: ['pay'], message: 'Payments moved to billing.' },
    ]);
    expect([decide(judge, {}), shows(judge)]).toEqual(['policy_denied: Payments moved to billing.', false]);
  });
});

describe('shadow rules', () => {
  const decideAll = (rules: readonly JsonObject[], values: JsonObject = {}): Decision =>
    judgeOf(rules).decide(inputOf(call('pay', values), ann));
  const allow: JsonObject = { id: 'yes', effect: 'allow', tools: ['pay'] };

  it('that deny leave the call allowed and are named', () => {
    const rules = [allow, { id: 'maybe-not', effect: 'deny', tools: ['*'], shadow: true }];
    expect(decideAll(rules)).toEqual({ effect: 'allow', policy: 'tool-access', rule: 'yes', shadow: ['maybe-not'] });
    expect(shows(judgeOf(rules))).toBe(true);
  });

  it('that allow leave the call refused and are named', () => {
    const rules = [{ ...allow, shadow: true }];
    expect(decideAll(rules)).toMatchObject({ effect: 'deny', reason: 'tool_denied', shadow: ['yes'] });
    expect(shows(judgeOf(rules))).toBe(false);
  });

  it.each<[string, readonly JsonObject[], JsonObject]>([
    [
      'when their conditions do not hold',
      [allow, { id: 's', effect: 'deny', tools: ['pay'], shadow: true, when: [{ argument: '/a', greater: 5 }] }],
      { a: 5 },
    ],
    ['when they agree', [allow, { id: 's', effect: 'allow', tools: ['pay'], shadow: true }], {}],
    [
      'when another deny stands anyway',
      [
        { id: 'no', effect: 'deny', tools: ['pay'] },
        { id: 's', effect: 'allow', tools: ['pay'], shadow: true },
      ],
      {},
    ],
    [
      'when they are about lists',
      [allow, { id: 's', effect: 'deny', tools: ['pay'], shadow: true, phases: ['list'] }],
      {},
    ],
    [
      'when they are about others',
      [allow, { id: 's', effect: 'deny', callers: { consumers: ['bob'] }, tools: ['pay'], shadow: true }],
      {},
    ],
  ])('are not named %s', (_, rules, values) => {
    expect(decideAll(rules, values).shadow).toBeUndefined();
  });

  it('are in the explanation with their effect', () => {
    const judge = judgeOf([allow, { id: 's', effect: 'deny', tools: ['pay'], shadow: true }]);
    const opinion = judge.explain(inputOf(call('pay', {}), ann)).find(({ policy }) => policy === 'tool-access');
    expect(opinion).toMatchObject({ effect: 'allow', rule: 'yes', shadow: [{ rule: 's', effect: 'deny' }] });
  });

  it('let nobody in: anonymous callers stay refused', () => {
    const judge = judgeOf([{ id: 's', effect: 'allow', callers: { anonymous: true }, tools: ['pay'], shadow: true }]);
    expect(judge.decide(inputOf(toolCall('pay'), anonymous))).toMatchObject({
      effect: 'deny',
      reason: 'unauthenticated',
    });
  });
});

describe('rules of a snapshot', () => {
  it('are about the servers they name, and stand beside those of the configuration', () => {
    const snapshot = snapshotOf({
      rules: [
        { id: 'here', effect: 'allow', servers: ['orders', 'billing'], tools: ['a'] },
        { id: 'there', effect: 'allow', servers: ['billing'], tools: ['b'] },
        { id: 'everywhere', effect: 'deny', tools: ['c'] },
      ],
    });
    const judge = createJudge(configOf({ rules: [ruleOf({ id: 'own', tools: ['c', 'd'] })] }), snapshot);
    const decisions = ['a', 'b', 'c', 'd'].map((tool) => shortly(judge.decide(inputOf(toolCall(tool), ann))));
    expect(decisions).toEqual(['here', 'tool_denied: Unknown tool: b', 'tool_denied: Unknown tool: c', 'own']);
  });

  it('hold for every form of a URI, conditions included', () => {
    const judge = judgeOf([
      {
        id: 'docs',
        effect: 'allow',
        resources: ['docs://h/public/*'],
        phases: ['list', 'call'],
        when: [{ methods: ['resources/read'] }],
      },
      { id: 'no', effect: 'deny', resources: ['docs://h/public/secret'], when: [{ time: { zone: 'UTC' } }] },
    ]);
    const on = (uri: string): string => shortly(judge.decide(inputOf(resourceCall(uri), ann)));
    expect(on('docs://h/public/a')).toBe('docs');
    expect(on('docs://h/public/x/../secret')).toMatch(/^resource_denied/);
    expect(on('docs://h/public/../private')).toMatch(/^resource_denied/);
  });
});
