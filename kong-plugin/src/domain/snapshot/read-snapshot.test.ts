import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { readSnapshot } from './read-snapshot.ts';
import { describeIssue } from './snapshot-issue.ts';
import { fullDocument, snapshotOf } from './testing/fixtures.ts';
import { usesGroups } from './uses-groups.ts';
import { writeSnapshot } from './write-snapshot.ts';

const issuesOf = (document: JsonValue): readonly string[] => {
  const read = readSnapshot(document);
  return read.ok ? [] : read.error.map(describeIssue);
};

/** The issues of a document that holds nothing else. */
const issuesWith = (part: JsonObject): readonly string[] => issuesOf({ version: 1, ...part });

describe('readSnapshot', () => {
  it('reads an empty policy: nothing is added to the plugin’s own configuration', () => {
    expect(readSnapshot({ version: 1 })).toMatchObject({
      ok: true,
      value: {
        tenants: [],
        applications: [],
        servers: [],
        plans: [],
        subscriptions: [],
        rules: [],
        limits: [],
        redaction: { keys: [], paths: [] },
      },
    });
  });

  it('fills in what is left out', () => {
    const snapshot = snapshotOf({
      tenants: [{ id: 't' }],
      applications: [{ id: 'a' }],
      servers: [{ id: 's', tools: [{ name: 'x' }] }],
      plans: [{ id: 'p', tools: ['*'], limits: [{ id: 'l', limit: 1, window: 'day' }] }],
      rules: [{ id: 'r', effect: 'deny', tools: ['x'], when: [{ time: { zone: 'UTC' } }] }],
      limits: [{ id: 'c', kind: 'concurrent', limit: 2, per: [] }],
    });
    const limit = { servers: ['*'], callers: {}, tools: ['*'], giveBack: [], whenStoreDown: 'deny', shadow: false };
    expect(snapshot).toMatchObject({
      tenants: [{ id: 't', timeZone: 'UTC' }],
      applications: [{ id: 'a', match: { applications: ['a'] } }],
      servers: [{ id: 's', pins: 'observe', tools: [{ name: 'x', weight: 1 }] }],
      plans: [{ limits: [{ id: 'l', kind: 'rate', per: ['application', 'server'], ...limit }] }],
      limits: [{ id: 'c', window: 'minute', per: [], ...limit }],
    });
    expect(snapshot.rules).toEqual([
      {
        id: 'r',
        effect: 'deny',
        servers: ['*'],
        callers: {},
        tools: ['x'],
        prompts: [],
        resources: [],
        when: [{ time: { zone: 'UTC', days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' } }],
        phases: ['list', 'call'],
        shadow: false,
      },
    ]);
  });

  it('reads every field, and one comparison of an argument for each operator', () => {
    const { rules, applications, servers } = snapshotOf(fullDocument);
    expect(rules[0]?.when).toEqual([
      { pointer: '/amount', test: { operator: 'at_most', value: 1000 } },
      { pointer: '/amount', test: { operator: 'at_least', value: 1 } },
      { pointer: '/currency', test: { operator: 'in', value: ['EUR', 'USD'] } },
      { pointer: '/note', test: { operator: 'exists', value: false } },
      { time: { zone: 'Europe/Rome', days: [1, 5], from: '09:00', to: '18:00' } },
      { methods: ['tools/call'] },
    ]);
    expect(rules[0]?.callers).toEqual({ tenants: ['acme'], customIds: ['crm-7'] });
    expect(applications[0]?.match).toMatchObject({ customIds: ['crm-*'], anonymous: false });
    expect(servers[0]?.tools[1]).toEqual({
      name: 'create_invoice',
      weight: 5,
      inputSchema: { type: 'object' },
      pin: 'ab'.repeat(32),
    });
  });

  it.each<[string, JsonValue, readonly string[]]>([
    ['no mapping', [], ['Must be a mapping, not a list.']],
    ['nothing', null, ['Must be a mapping, not empty.']],
    ['no version', {}, ['version: Is missing.']],
    ['version 2', { version: 2 }, ['version: Must be from 1 to 1, not 2.']],
    ['a version in quotes', { version: '1' }, ['version: Must be a number, not a string. Write 1 without quotes.']],
    ['an unknown field', { version: 1, tenant: [] }, ['tenant: There is no such field. Did you mean tenants?']],
    [
      'a field in camel case',
      { version: 1, tenants: [{ id: 'a', timeZone: 'UTC' }] },
      ['tenants[0].timeZone: There is no such field. Did you mean time_zone?'],
    ],
    ['a field nothing is like', { version: 1, whatever: 1 }, ['whatever: There is no such field.']],
    ['a key that objects inherit', { version: 1, constructor: 1 }, ['constructor: There is no such field.']],
    [
      'the key __proto__',
      JSON.parse('{"version":1,"__proto__":{"rules":[]}}') as JsonValue,
      ['__proto__: There is no such field.'],
    ],
    ['an unwritable key', { version: 1, 'a b"': 1 }, ['"a b\\"": There is no such field.']],
    [
      'a number that JSON cannot write',
      { version: 1, limits: [{ limit: Infinity }] },
      ['Holds a number that JSON cannot write.'],
    ],
  ])('refuses %s', (_, document, expected) => {
    expect(issuesOf(document)).toEqual(expected);
  });

  const rule = { id: 'r', effect: 'allow', tools: ['x'] };
  it.each<[string, JsonObject, readonly string[]]>([
    [
      'an unknown time zone',
      { tenants: [{ id: 'a', time_zone: 'Europe/Roma' }] },
      [
        'tenants[0].time_zone: "Europe/Roma" must be an IANA time zone such as Europe/Rome or UTC. Did you mean Europe/Rome?',
      ],
    ],
    [
      'an offset for a time zone',
      { tenants: [{ id: 'a', time_zone: '+01:00' }] },
      ['tenants[0].time_zone: "+01:00" must be an IANA time zone such as Europe/Rome or UTC.'],
    ],
    [
      'an id with *',
      { tenants: [{ id: 'a*' }] },
      ['tenants[0].id: "a*" must be a name without * and without control characters.'],
    ],
    [
      'an id with a line feed',
      { plans: [{ id: 'a\nb', tools: ['*'] }] },
      ['plans[0].id: "a\\nb" must be a name without * and without control characters.'],
    ],
    ['an empty id', { tenants: [{ id: '' }] }, ['tenants[0].id: Must not be empty.']],
    [
      'an id of 129 characters',
      { tenants: [{ id: 'a'.repeat(129) }] },
      ['tenants[0].id: Must be at most 128 characters, not 129.'],
    ],
    ['an id that is a number', { tenants: [{ id: 7 }] }, ['tenants[0].id: Must be a text, not a number. Write "7".']],
    [
      'an effect nobody knows',
      { rules: [{ ...rule, effect: 'alow' }] },
      ['rules[0].effect: "alow" is not one of allow, deny. Did you mean allow?'],
    ],
    [
      'one text for a list',
      { rules: [{ ...rule, tools: 'x' }] },
      ['rules[0].tools: Must be a list, not a string. Write [x].'],
    ],
    [
      'an empty list of callers',
      { rules: [{ ...rule, callers: { tenants: [] } }] },
      ['rules[0].callers.tenants: Must not be empty; leave it out instead.'],
    ],
    [
      'customIds for custom_ids',
      { rules: [{ ...rule, callers: { customIds: ['a'] } }] },
      ['rules[0].callers.customIds: There is no such field. Did you mean custom_ids?'],
    ],
    [
      'a pattern of servers',
      { rules: [{ ...rule, servers: ['bill*'] }] },
      ['rules[0].servers[0]: "bill*" must be the id of a server, or * for all of them: servers have no patterns.'],
    ],
    ['no phase', { rules: [{ ...rule, phases: [] }] }, ['rules[0].phases: Must not be empty; leave it out instead.']],
    [
      'a limit without a window',
      { limits: [{ id: 'l', limit: 1, per: [] }] },
      ['limits[0].window: Is missing. Write second, minute, hour, day or month.'],
    ],
    [
      'a limit that does not say what shares a counter',
      { limits: [{ id: 'l', limit: 1, window: 'day' }] },
      ['limits[0].per: Is missing.'],
    ],
    [
      'half a unit',
      { limits: [{ id: 'l', limit: 0.5, window: 'day', per: [] }] },
      ['limits[0].limit: Must be a whole number.'],
    ],
    [
      'a negative limit',
      { limits: [{ id: 'l', limit: -1, window: 'day', per: [] }] },
      ['limits[0].limit: Must be from 0 to 1000000000000, not -1.'],
    ],
    [
      'whenStoreDown',
      { limits: [{ id: 'l', limit: 1, window: 'day', per: [], whenStoreDown: 'allow' }] },
      ['limits[0].whenStoreDown: There is no such field. Did you mean when_store_down?'],
    ],
    [
      'a pin in capitals',
      { servers: [{ id: 's', tools: [{ name: 'x', pin: 'AB'.repeat(32) }] }] },
      [
        `servers[0].tools[0].pin: "${'AB'.repeat(32)}" must be a SHA-256 in 64 small hex digits. Write ${'ab'.repeat(32)}.`,
      ],
    ],
    [
      'a subscription without state',
      {
        applications: [{ id: 'a' }],
        servers: [{ id: 's' }],
        plans: [{ id: 'p', tools: ['*'] }],
        subscriptions: [{ application: 'a', server: 's', plan: 'p' }],
      },
      ['subscriptions[0].state: Is missing.'],
    ],
    [
      'a JSON path it cannot follow',
      { redaction: { paths: ['customer.iban'] } },
      ['redaction.paths: "customer.iban" must start with $, for example $.customer.iban.'],
    ],
  ])('refuses %s', (_, part, expected) => {
    expect(issuesWith(part)).toEqual(expected);
  });

  it.each<[string, JsonValue, readonly string[]]>([
    [
      'a pointer without /',
      { argument: 'order.total', at_most: 5 },
      ['.argument: "order.total" must be a JSON pointer such as /amount or /order/total. Write /order/total.'],
    ],
    [
      'a pointer with a stray ~',
      { argument: '/a~b', at_most: 5 },
      ['.argument: "/a~b" must be a JSON pointer such as /amount or /order/total. Write /a~0b.'],
    ],
    [
      'an argument compared with nothing',
      { argument: '/a' },
      ['.argument: Is compared with nothing. Add at_most, in, equals, exists, ...'],
    ],
    ['a comparison of nothing', { at_most: 5 }, [': Must have exactly one of argument, time, methods.']],
    [
      'two kinds in one',
      { argument: '/a', equals: 1, methods: ['x'] },
      [': Must have exactly one of argument, time, methods.'],
    ],
    [
      'a comparison beside a time',
      { time: { zone: 'UTC' }, less: 5 },
      ['.less: Compares nothing. Add argument: /name.'],
    ],
    ['a misspelt operator', { argument: '/a', atmost: 5 }, ['.atmost: There is no such field. Did you mean at_most?']],
    [
      'a number in quotes',
      { argument: '/a', at_most: '5' },
      ['.at_most: Must be a number, not a string. Write 5 without quotes.'],
    ],
    ['an empty set', { argument: '/a', in: [] }, ['.in: Must not be empty; leave it out instead.']],
    [
      'a time of day like 9:00',
      { time: { zone: 'UTC', from: '9:00' } },
      ['.time.from: "9:00" must be a time of day such as "09:00".'],
    ],
    ['25:00', { time: { zone: 'UTC', to: '25:00' } }, ['.time.to: "25:00" must be a time of day such as "09:00".']],
    [
      'no time at all',
      { time: { zone: 'UTC', from: '09:00', to: '09:00' } },
      ['.time.to: Is the same time as `from`: that is no time at all.'],
    ],
    ['a time without a zone', { time: { days: ['mon'] } }, ['.time.zone: Is missing.']],
    [
      'a long name of a day',
      { time: { zone: 'UTC', days: ['monday'] } },
      ['.time.days[0]: "monday" is not one of mon, tue, wed, thu, fri, sat, sun. Did you mean mon?'],
    ],
  ])('refuses a condition with %s', (_, condition, expected) => {
    expect(issuesWith({ rules: [{ ...rule, when: [condition] }] })).toEqual(
      expected.map((issue) => `rules[0].when[0]${issue}`),
    );
  });

  it('follows references and counts ids, and tells these issues together with those of form', () => {
    expect(
      issuesOf({
        version: 1,
        tenants: [{ id: 'acme' }, { id: 'acme' }],
        applications: [{ id: 'desk', tenant: 'acne' }],
        servers: [{ id: 'orders', tools: [{ name: 'x' }, { name: 'x' }], pin: 'observe' }],
        plans: [{ id: 'gold', tools: ['*'], limits: [{ id: 'l', limit: 1, window: 'day' }] }],
        subscriptions: [
          { application: 'desc', server: 'order', plan: 'silver', state: 'active' },
          { application: 'desk', server: 'orders', plan: 'gold', state: 'active' },
          { application: 'desk', server: 'orders', plan: 'gold', state: 'active' },
          { application: 'desk', server: 'orders', plan: 'gold', state: 'revoked' },
        ],
        rules: [
          { id: 'r', effect: 'allow' },
          { id: 'r', effect: 'deny' },
        ],
        limits: [{ id: 'l', limit: 1, window: 'day', per: [] }],
      }),
    ).toEqual([
      'servers[0].pin: There is no such field. Did you mean pins?',
      'tenants[1].id: "acme" is used twice; each needs its own.',
      'rules[1].id: "r" is used twice; each needs its own.',
      'plans[0].limits[0].id: "l" is used twice; each needs its own.',
      'servers[0].tools[1].name: "x" is used twice; each needs its own.',
      'applications[0].tenant: There is no tenant "acne". Did you mean acme?',
      'subscriptions[0].application: There is no application "desc". Did you mean desk?',
      'subscriptions[0].server: There is no server "order". Did you mean orders?',
      'subscriptions[0].plan: There is no plan "silver".',
      'subscriptions[2]: The application has another active subscription to this server; one plan must count.',
    ]);
  });

  it.each<[string, (count: number) => JsonObject, number]>([
    ['tenants', (count) => ({ tenants: Array.from({ length: count }, (_, index) => ({ id: `t${index}` })) }), 10_000],
    [
      'rules',
      (count) => ({ rules: Array.from({ length: count }, (_, index) => ({ id: `r${index}`, effect: 'deny' })) }),
      10_000,
    ],
    [
      'plans',
      (count) => ({ plans: Array.from({ length: count }, (_, index) => ({ id: `p${index}`, tools: ['*'] })) }),
      1_000,
    ],
  ])('reads as many %s as the limit and not one more', (name, make, maximum) => {
    expect(issuesWith(make(maximum))).toEqual([]);
    expect(issuesWith(make(maximum + 1))).toEqual([
      `${name}: Has ${maximum + 1} entries; at most ${maximum} are read.`,
    ]);
  });

  it('reads 64 levels of nesting and refuses 65 without recursing into them', () => {
    const nested = (levels: number): JsonValue => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as JsonValue;
    const document = (levels: number): JsonValue => ({
      version: 1,
      servers: [{ id: 's', tools: [{ name: 'x', input_schema: nested(levels) }] }],
    });
    // The document, servers, the server, tools and the tool are 5 levels.
    expect(issuesOf(document(59))).toEqual([]);
    expect(issuesOf(document(60))).toEqual(['Nested more than 64 levels deep.']);
    expect(issuesOf(nested(100_000))).toEqual(['Nested more than 64 levels deep.']);
  });

  it('tells 1,000 issues apart and counts the rest', () => {
    const issues = issuesWith({ rules: Array.from({ length: 1500 }, () => 5) });
    expect(issues).toHaveLength(1001);
    expect(issues.at(-1)).toBe('There are 500 more issues.');
  });

  it('names a revision: the given one, or the SHA-256 of the document whatever the order of its keys', () => {
    const revision = (document: JsonValue): string => {
      const read = readSnapshot(document);
      return read.ok ? read.value.revision : 'refused';
    };
    expect(revision({ version: 1, revision: 'r7' })).toBe('r7');
    expect(revision({ version: 1, tenants: [], rules: [] })).toBe(revision({ rules: [], tenants: [], version: 1 }));
    expect(revision({ version: 1, tenants: [] })).not.toBe(revision({ version: 1 }));
    expect(revision({ version: 1 })).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('writeSnapshot', () => {
  it('writes what reads back as the same snapshot, every field of it', () => {
    const snapshot = snapshotOf(fullDocument);
    expect(readSnapshot(writeSnapshot(snapshot))).toEqual({ ok: true, value: snapshot });
  });

  it('does so for 200 random policies', () => {
    const id = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
    const names = fc.array(fc.stringMatching(/^[a-z*_]{1,8}$/), { minLength: 1, maxLength: 3 });
    const value = fc.oneof(
      fc.integer(),
      fc.string(),
      fc.constant(null),
      fc.boolean(),
      fc.array(fc.integer(), { maxLength: 2 }),
      fc.dictionary(fc.string(), fc.integer(), { maxKeys: 2 }),
    );
    const condition = fc.oneof(
      fc.record(
        {
          argument: fc.constantFrom('', '/a', '/a/0', '/~0~1'),
          at_most: fc.integer(),
          equals: value,
          in: fc.array(value, { minLength: 1, maxLength: 3 }),
          exists: fc.boolean(),
        },
        { requiredKeys: ['argument', 'exists'] },
      ),
      fc.record({ methods: names }),
      fc.record({
        time: fc.record(
          {
            zone: fc.constantFrom('UTC', 'Asia/Kolkata'),
            days: fc.uniqueArray(fc.constantFrom('mon', 'sun'), { minLength: 1 }),
            from: fc.constant('22:00'),
            to: fc.constant('24:00'),
          },
          { requiredKeys: ['zone'] },
        ),
      }),
    );
    const callers = fc.record(
      { consumers: names, custom_ids: names, tenants: names, anonymous: fc.boolean() },
      { requiredKeys: [] },
    );
    const rules = fc.uniqueArray(
      fc.record(
        {
          id,
          effect: fc.constantFrom('allow', 'deny'),
          callers,
          tools: names,
          prompts: names,
          when: fc.array(condition, { maxLength: 3 }),
          phases: fc.uniqueArray(fc.constantFrom('list', 'call'), { minLength: 1 }),
          shadow: fc.boolean(),
          message: id,
        },
        { requiredKeys: ['id', 'effect'] },
      ),
      { selector: (rule) => rule.id, maxLength: 5 },
    );
    const limits = fc.uniqueArray(
      fc.record(
        {
          id,
          limit: fc.nat(),
          per: fc.uniqueArray(fc.constantFrom('tenant', 'tool', 'user')),
          window: fc.constantFrom('second', 'month'),
          kind: fc.constantFrom('rate', 'repeat', 'concurrent'),
          callers,
          give_back: fc.uniqueArray(fc.constantFrom('tool_error', 'server_error')),
          when_store_down: fc.constantFrom('allow', 'deny'),
        },
        { requiredKeys: ['id', 'limit', 'per', 'window'] },
      ),
      { selector: (limit) => limit.id, maxLength: 3 },
    );
    const tenants = fc.uniqueArray(
      fc.record({ id, time_zone: fc.constantFrom('UTC', 'Europe/Rome') }, { requiredKeys: ['id'] }),
      { selector: (tenant) => tenant.id, maxLength: 3 },
    );
    fc.assert(
      fc.property(fc.record({ version: fc.constant(1), tenants, rules, limits }), (document) => {
        const snapshot = readSnapshot(document);
        expect(snapshot).toMatchObject({ ok: true });
        if (snapshot.ok)
          expect(readSnapshot(JSON.parse(JSON.stringify(writeSnapshot(snapshot.value))) as JsonValue)).toEqual(
            snapshot,
          );
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});

describe('usesGroups', () => {
  it.each<[string, JsonObject, boolean]>([
    ['no groups', { rules: [{ id: 'r', effect: 'allow' }] }, false],
    ['a rule', { rules: [{ id: 'r', effect: 'allow', callers: { groups: ['g'] } }] }, true],
    ['an application', { applications: [{ id: 'a', match: { groups: ['g'] } }] }, true],
    ['a limit', { limits: [{ id: 'l', limit: 1, window: 'day', per: [], callers: { groups: ['g'] } }] }, true],
    [
      'a limit of a plan',
      {
        plans: [{ id: 'p', tools: ['*'], limits: [{ id: 'l', limit: 1, window: 'day', callers: { groups: ['g'] } }] }],
      },
      true,
    ],
  ])('%s: %s', (_, part, expected) => {
    expect(usesGroups(snapshotOf(part))).toBe(expected);
  });
});
