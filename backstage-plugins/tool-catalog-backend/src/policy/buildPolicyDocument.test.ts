import { createHmac } from 'node:crypto';
import { buildPolicyDocument, type PolicyFacts } from './buildPolicyDocument';
import { signPolicy } from './signPolicy';

const facts: PolicyFacts = {
  base: {
    version: 1,
    tenants: [{ id: 'acme', time_zone: 'Europe/Rome' }],
    servers: [{ id: 'orders', pins: 'quarantine_changed' }],
    rules: [{ id: 'large-invoices', effect: 'deny', tools: ['create_invoice'] }],
  },
  applications: [
    { id: 'zeta', tenant: 'globex', consumer: 'app-zeta' },
    { id: 'alpha', tenant: 'acme', consumer: 'app-alpha' },
  ],
  plans: [{ id: 'starter', tools: ['search_*'] }],
  subscriptions: [
    { application: 'zeta', server: 'orders', plan: 'starter', state: 'pending', changedAt: 1 },
    { application: 'alpha', server: 'orders', plan: 'starter', state: 'revoked', changedAt: 1 },
    {
      application: 'alpha',
      server: 'orders',
      plan: 'starter',
      tools: ['search_orders'],
      state: 'active',
      changedAt: 2,
    },
  ],
};

describe('the policy document', () => {
  it('adds applications, plans and subscriptions to what operators keep, which goes through unchanged', () => {
    expect(buildPolicyDocument(facts)).toEqual({
      version: 1,
      tenants: [{ id: 'acme', time_zone: 'Europe/Rome' }, { id: 'globex' }],
      servers: [{ id: 'orders', pins: 'quarantine_changed' }],
      rules: facts.base.rules,
      applications: [
        { id: 'alpha', tenant: 'acme', match: { consumers: ['app-alpha'] } },
        { id: 'zeta', tenant: 'globex', match: { consumers: ['app-zeta'] } },
      ],
      plans: [{ id: 'starter', tools: ['search_*'] }],
      subscriptions: [
        { application: 'alpha', server: 'orders', plan: 'starter', tools: ['search_orders'], state: 'active' },
      ],
    });
  });

  it.each(['suspended', 'revoked', 'expired'] as const)('tells the gateway that a subscription is %s', (state) => {
    const subscriptions = [{ application: 'alpha', server: 'orders', plan: 'starter', state, changedAt: 3 }];
    expect(buildPolicyDocument({ ...facts, subscriptions }).subscriptions).toMatchObject([{ state }]);
  });

  it('is the same bytes whatever the order of its facts, and other bytes after a change', () => {
    const reversed = {
      ...facts,
      applications: [...facts.applications].reverse(),
      subscriptions: [...facts.subscriptions].reverse(),
    };
    const [first, second] = [facts, reversed].map((given) =>
      signPolicy(buildPolicyDocument(given), 'test-secret-0123456789'),
    );
    expect(second).toEqual(first);
    const changed = signPolicy(buildPolicyDocument({ ...facts, plans: [] }), 'test-secret-0123456789');
    expect(changed.etag).not.toBe(first?.etag);
  });

  it('is signed over its exact bytes', () => {
    const { body, signature } = signPolicy(buildPolicyDocument(facts), 'test-secret-0123456789');
    expect(signature).toBe(`sha256=${createHmac('sha256', 'test-secret-0123456789').update(body).digest('hex')}`);
  });

  it("keeps an operator's own subscription where the portal has one for the same application and server", () => {
    const base = {
      ...facts.base,
      subscriptions: [{ application: 'alpha', server: 'orders', plan: 'gold', state: 'suspended' as const }],
    };
    expect(buildPolicyDocument({ ...facts, base }).subscriptions).toEqual(base.subscriptions);
  });
});
