import { describe, expect, it } from 'vitest';
import type { Rule } from '../rule.ts';
import { checkRules } from './check-rules.ts';
import { ruleOf } from './testing/fixtures.ts';

type Draft = Partial<Rule> & { readonly id: string };

describe('checkRules', () => {
  it('finds nothing wrong with rules that overlap in part', () => {
    const rules: Draft[] = [
      { id: 'support', callers: { consumers: ['acme-support'] }, tools: ['search_orders', 'delete_*'] },
      { id: 'nobody-deletes', effect: 'deny', tools: ['delete_*'] },
      { id: 'globex', callers: { tenants: ['globex'] }, tools: ['search_*'], prompts: ['*'], resources: ['docs://*'] },
      { id: 'not-globex', effect: 'deny', callers: { tenants: ['initech'] }, tools: ['search_*'], prompts: ['*'] },
      { id: 'public', callers: { anonymous: true }, tools: ['help'] },
      { id: 'no-help', effect: 'deny', tools: ['help'] },
    ];
    expect(checkRules(rules.map(ruleOf))).toEqual([]);
  });

  it.each<[string, Draft[], string[]]>([
    [
      'a rule without targets',
      [{ id: 'empty' }],
      ['Rule empty: names no tools, prompts or resources and never matches; name some or remove the rule.'],
    ],
    [
      'an empty pattern',
      [{ id: 'blank', tools: ['a', ''] }],
      ['Rule blank: tools has an empty pattern, which never matches; remove it or write *.'],
    ],
    [
      'an empty caller pattern',
      [{ id: 'blank', callers: { tenants: [''] }, tools: ['a'] }],
      ['Rule blank: callers.tenants has an empty pattern, which never matches; remove it or write *.'],
    ],
    [
      'an empty caller list',
      [{ id: 'nobody', callers: { groups: [] }, tools: ['a'] }],
      ['Rule nobody: callers.groups is an empty list and matches nobody; leave it out or fill it.'],
    ],
    [
      'an allow that a deny of the same callers and tools overrules',
      [
        { id: 'yes', callers: { tenants: ['acme'] }, tools: ['delete_order'] },
        { id: 'no', effect: 'deny', callers: { tenants: ['acme'] }, tools: ['delete_order'] },
      ],
      ['Rule yes: never allows anything, because rule no denies all of it; remove one or narrow no.'],
    ],
    [
      'an allow that a wider deny overrules',
      [
        { id: 'no', effect: 'deny', callers: { tenants: ['acme', 'glob*'] }, tools: ['delete_*', 'drop_*'] },
        { id: 'yes', callers: { tenants: ['globex'], groups: ['gold'] }, tools: ['drop_table', 'delete_*'] },
      ],
      ['Rule yes: never allows anything, because rule no denies all of it; remove one or narrow no.'],
    ],
  ])('reports %s', (_, rules, expected) => {
    expect(checkRules(rules.map(ruleOf))).toEqual(expected);
  });

  it('reports a REST rule that names only prompts, but not the same rule of an MCP server', () => {
    const rules = [ruleOf({ id: 'greet', prompts: ['hello'] })];
    expect(checkRules(rules, { server: 'rest' })).toEqual([
      'Rule greet: a REST API has no prompts or resources; name its operations in tools.',
    ]);
    expect(checkRules(rules, { server: 'mcp' })).toEqual([]);
  });

  it('says so instead of comparing 2,000 allows with 2,000 denies', () => {
    const rules = Array.from({ length: 4000 }, (_, index) =>
      ruleOf({ id: `r${index}`, effect: index % 2 === 0 ? 'allow' : 'deny', tools: [`t${index}`] }),
    );
    expect(checkRules(rules)).toEqual([expect.stringMatching(/^Rules: 2000 allow and 2000 deny rules are too many/)]);
  });
});
