import { describe, expect, it } from 'vitest';
import { readCaller, type CallerFacts } from './read-caller.ts';

const options = { tenantTagPrefix: 'tenant:', applicationTagPrefix: 'application:' };
const consumer = (tags: readonly string[]): CallerFacts => ({
  consumer: { id: 'c-1', username: 'acme-support', tags },
});
const claims = {
  issuer: 'https://login.example.com',
  subject: 'ann',
  audiences: [],
  scopes: ['orders.read'],
  expiresAt: 1_785_600_000,
};

describe('readCaller', () => {
  it('takes everything it says from the consumer, its groups and the token', () => {
    const facts: CallerFacts = {
      consumer: { id: 'c-1', username: 'acme-support', customId: 'crm-7', tags: ['team:support', 'tenant:acme'] },
      groups: ['gold'],
      claims,
    };
    expect(readCaller(facts, options)).toEqual({
      ok: true,
      value: {
        consumerId: 'c-1',
        consumer: 'acme-support',
        customId: 'crm-7',
        tenant: 'acme',
        application: 'acme-support',
        user: 'ann',
        tags: ['team:support', 'tenant:acme'],
        groups: ['gold'],
        scopes: ['orders.read'],
      },
    });
  });

  it.each<[readonly string[], string | undefined, string | undefined]>([
    [['tenant:acme'], 'acme', 'acme-support'],
    [['tenant:acme', 'tenant:acme'], 'acme', 'acme-support'],
    [['application:helpdesk'], undefined, 'helpdesk'],
    [['Tenant:acme', 'xtenant:acme', 'tenants:acme'], undefined, 'acme-support'],
    [['tenant:a:b'], 'a:b', 'acme-support'],
    [[], undefined, 'acme-support'],
  ])('reads tags %j as tenant %s and application %s', (tags, tenant, application) => {
    const caller = readCaller(consumer(tags), options);
    expect(caller.ok && [caller.value.tenant, caller.value.application]).toEqual([tenant, application]);
  });

  it.each<[readonly string[], string]>([
    [['tenant:acme', 'tenant:globex'], 'tenant'],
    [['tenant:'], 'tenant'],
    [['tenant:', 'tenant:acme'], 'tenant'],
    [['application:a', 'application:b'], 'application'],
  ])('refuses to guess from tags %j', (tags, what) => {
    expect(readCaller(consumer(tags), options)).toEqual({
      ok: false,
      error: {
        reason: 'governance_unavailable',
        detail: `The tags of consumer acme-support must name exactly one ${what}: the operator has to correct them.`,
      },
    });
  });

  it('reads no tenant where the prefix is empty, instead of taking every tag for one', () => {
    const caller = readCaller(consumer(['acme']), { tenantTagPrefix: '', applicationTagPrefix: '' });
    expect(caller.ok && caller.value.tenant).toBeUndefined();
    expect(caller.ok && caller.value.application).toBe('acme-support');
  });

  it('gives Kong’s anonymous consumer neither an id nor the claims of a token', () => {
    const caller = readCaller({ ...consumer(['tenant:acme']), isAnonymous: true, claims }, options);
    expect(caller).toEqual({
      ok: true,
      value: {
        consumer: 'acme-support',
        application: 'acme-support',
        tenant: 'acme',
        tags: ['tenant:acme'],
        groups: [],
        scopes: [],
      },
    });
  });

  it('knows nothing about a caller without a consumer, not even by a token', () => {
    expect(readCaller({ claims }, options)).toEqual({ ok: true, value: { tags: [], groups: [], scopes: [] } });
  });
});
