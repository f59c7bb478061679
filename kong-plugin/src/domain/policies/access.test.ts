import { describe, expect, it } from 'vitest';
import type { Caller } from '../caller.ts';
import type { CallerMatch } from '../rule.ts';
import { compileAccess } from './access.ts';
import { anonymous, callerOf, ruleOf } from './testing/fixtures.ts';

const alice = callerOf({
  consumer: 'alice',
  customId: 'crm-7',
  tags: ['tenant:acme', 'team:support'],
  groups: ['gold', 'mcp'],
  tenant: 'acme',
  application: 'helpdesk',
});

const allowed = (callers: CallerMatch, caller: Caller): boolean =>
  compileAccess([ruleOf({ id: 'r', callers, tools: ['search'] })])(caller).find('tool', 'search')?.effect === 'allow';

describe('the callers of a rule', () => {
  it.each<[CallerMatch]>([
    [{}],
    [{ consumers: ['alice'] }],
    [{ consumers: ['bob', 'ali*'] }],
    [{ customIds: ['crm-*'] }],
    [{ tags: ['team:support'] }],
    [{ tags: ['team:*'] }],
    [{ groups: ['silver', 'gold'] }],
    [{ tenants: ['acme'] }],
    [{ applications: ['helpdesk'] }],
    [{ applications: ['help*'], tenants: ['acme'], groups: ['mcp'] }],
    [{ tenants: ['*'] }],
    [{ anonymous: true }],
    [{ anonymous: false, tenants: ['acme'] }],
  ])('%j match alice of acme', (callers) => {
    expect(allowed(callers, alice)).toBe(true);
  });

  it.each<[CallerMatch]>([
    [{ consumers: ['Alice'] }],
    [{ consumers: ['id-of-alice'] }],
    [{ consumers: [] }],
    [{ consumers: [''] }],
    [{ customIds: ['alice'] }],
    [{ tags: ['support'] }],
    [{ tags: ['gold'] }],
    [{ groups: ['tenant:acme'] }],
    [{ groups: ['gold,mcp'] }],
    [{ tenants: ['acm'] }],
    [{ tenants: ['acme2', 'globex'] }],
    [{ applications: ['alice'] }],
    [{ tenants: ['acme'], groups: ['silver'] }],
    [{ consumers: ['alice'], tenants: ['globex'] }],
    [{ anonymous: true, tenants: ['globex'] }],
  ])('%j do not match alice of acme', (callers) => {
    expect(allowed(callers, alice)).toBe(false);
  });

  it.each<[CallerMatch, Caller, boolean]>([
    [{ anonymous: true }, anonymous, true],
    [{}, anonymous, false],
    [{ anonymous: false }, anonymous, false],
    [{ tenants: ['*'] }, anonymous, false],
    [{ anonymous: true, tenants: ['*'] }, anonymous, false],
    [{ consumers: ['nobody'] }, { ...anonymous, consumer: 'nobody' }, false],
    [{ anonymous: true, consumers: ['nobody'] }, { ...anonymous, consumer: 'nobody' }, true],
    [{ tenants: ['acme'] }, { ...anonymous, tenant: 'acme' }, false],
  ])('%j match the unauthenticated %j: %s', (callers, caller, expected) => {
    expect(allowed(callers, caller)).toBe(expected);
  });

  it('without a tenant match no rule about tenants, not even *', () => {
    expect(allowed({ tenants: ['*'] }, callerOf({ consumer: 'stray' }))).toBe(false);
  });
});

describe('access is remembered per caller', () => {
  const rules = [
    ruleOf({ id: 'pair', callers: { tags: ['a,b'] }, tools: ['search'] }),
    ruleOf({ id: 'admins', callers: { groups: ['admin'] }, tools: ['delete'] }),
    ruleOf({ id: 'c-of-ab', callers: { consumers: ['ab'], customIds: ['c'] }, tools: ['pay'] }),
    ruleOf({ id: 'null-tenant', callers: { tenants: ['null'] }, tools: ['export'] }),
  ];

  // Each pair of callers is one that joins to the same text under some careless key.
  it.each<[string, string, Partial<Caller>, Partial<Caller>]>([
    ['search', 'one tag "a,b" against two tags', { tags: ['a,b'] }, { tags: ['a', 'b'] }],
    ['delete', 'a group against the same tag', { groups: ['admin'] }, { tags: ['admin'] }],
    [
      'pay',
      'username and custom_id split elsewhere',
      { consumer: 'ab', customId: 'c' },
      { consumer: 'a', customId: 'bc' },
    ],
    ['export', 'the tenant "null" against none', { tenant: 'null' }, {}],
    ['search', 'a tag with a quote', { tags: ['a,b'] }, { tags: ['a","b'] }],
    ['delete', 'group in the place of nothing', { groups: ['admin'] }, { tags: [], groups: ['', 'admin '] }],
  ])('%s: %s', (tool, _, granted, refused) => {
    for (const order of [
      [granted, refused],
      [refused, granted],
    ]) {
      const accessOf = compileAccess(rules);
      for (const caller of order) {
        // The same consumer id on purpose: only the compared fields differ.
        const effect = accessOf({ tags: [], groups: [], scopes: [], consumerId: 'same', ...caller }).find(
          'tool',
          tool,
        )?.effect;
        expect(effect).toBe(caller === granted ? 'allow' : undefined);
      }
    }
  });

  it('is the same object for the same caller and another for a caller with one more group', () => {
    const accessOf = compileAccess(rules);
    expect(accessOf({ ...alice })).toBe(accessOf({ ...alice, tags: [...alice.tags] }));
    expect(accessOf({ ...alice, groups: ['gold'] })).not.toBe(accessOf(alice));
  });

  it('stays right for 10,000 applications with a rule each, asked in two rounds', () => {
    const accessOf = compileAccess(
      Array.from({ length: 10_000 }, (_, index) =>
        ruleOf({ id: `app-${index}`, callers: { applications: [`app-${index}`] }, tools: [`tool-${index % 10}`] }),
      ),
    );
    for (let round = 0; round < 2; round++)
      for (let index = 0; index < 10_000; index += 97) {
        const access = accessOf(callerOf({ consumer: `app-${index}`, application: `app-${index}` }));
        expect(access.find('tool', `tool-${index % 10}`)?.rule).toBe(`app-${index}`);
        expect(access.find('tool', `tool-${(index + 1) % 10}`)).toBeUndefined();
      }
  });

  it('names one rule once though a caller finds it under two tags', () => {
    const accessOf = compileAccess([ruleOf({ id: 'both', callers: { tags: ['x', 'y'] }, tools: ['search'] })]);
    expect(accessOf(callerOf({ tags: ['x', 'y'] })).find('tool', 'search')?.rule).toBe('both');
  });
});

describe('a caller sees everything', () => {
  const everything = { tools: ['*'], prompts: ['*'], resources: ['*'] };
  it.each<[string, Parameters<typeof ruleOf>[0][], boolean]>([
    ['with * for tools, prompts and resources', [{ id: 'all', ...everything }], true],
    [
      'with three rules that together hold *',
      [
        { id: 't', tools: ['*'] },
        { id: 'p', callers: { consumers: ['alice'] }, prompts: ['*'] },
        { id: 'r', callers: { tenants: ['acme'] }, resources: ['*'] },
      ],
      true,
    ],
    ['not with * for tools alone', [{ id: 't', tools: ['*'] }], false],
    [
      'not when one tool is denied',
      [
        { id: 'all', ...everything },
        { id: 'no', effect: 'deny', tools: ['x'] },
      ],
      false,
    ],
    [
      'also when a tool is denied to others',
      [
        { id: 'all', ...everything },
        { id: 'no', effect: 'deny', callers: { tenants: ['globex'] }, tools: ['x'] },
      ],
      true,
    ],
    ['not through the rule of another tenant', [{ id: 'all', callers: { tenants: ['globex'] }, ...everything }], false],
    ['not when * is denied', [{ id: 'all', effect: 'deny', ...everything }], false],
    ['not without rules', [], false],
  ])('%s', (_, rules, expected) => {
    expect(compileAccess(rules.map(ruleOf))(alice).seesEverything).toBe(expected);
  });
});
