import { describe, expect, it } from 'vitest';
import { composePolicy, type Enforcement } from './enforcement.ts';

const enforcement: Enforcement = {
  revision: '0123456789abcdef',
  exhausted: [{ budget: 'a', tenant: 'acme', scope: 'tenant acme' }],
  limits: [{ id: 'budget-a', window: 'month', limit: 0, per: ['tenant'], callers: { tenants: ['acme'] } }],
};

const composed = (base?: string): unknown => {
  const result = composePolicy(base, enforcement);
  return result.ok ? JSON.parse(result.value) : result.error;
};

describe('composePolicy', () => {
  it('adds the limits to the document and changes nothing else', () => {
    const base =
      'version: 1\nrevision: 2026-11-24.1\nrules: [{ id: r, effect: deny }]\nlimits:\n  - { id: l, limit: 1 }\n';
    expect(composed(base)).toEqual({
      version: 1,
      revision: '2026-11-24.1+budgets.0123456789abcdef',
      rules: [{ id: 'r', effect: 'deny' }],
      limits: [{ id: 'l', limit: 1 }, enforcement.limits[0]],
    });
  });

  it('is a document of its own where there is none', () => {
    expect(composed()).toEqual({ version: 1, limits: enforcement.limits });
  });

  it.each([
    ['- a\n- b', 'The policy document is no mapping.'],
    ['{', 'The policy document is neither YAML nor JSON'],
    ['limits: 3', 'Is no list.'],
  ])('refuses %j', (base, problem) => {
    expect(composed(base)).toMatchObject({ problem: expect.stringContaining(problem) as string });
  });
});
