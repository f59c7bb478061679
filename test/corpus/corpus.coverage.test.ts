import { describe, expect, it } from 'vitest';
import { reasons, type Reason } from '../../kong-plugin/src/domain/reason.ts';
import { corpus } from './cases.ts';

/** Reasons that no request to the servers of kong.yml can cause, and why. */
const impossible: Partial<Record<Reason, string>> = {
  invalid_token: 'kong.yml authenticates by key; test/acceptance/oauth.test.ts has it',
  insufficient_scope: 'kong.yml authenticates by key; test/acceptance/oauth.test.ts has it',
  subscription_inactive:
    'kong.yml has no subscriptions; src/domain/judge tests and test/governance/policy.test.ts have it',
  policy_denied: 'kong.yml asks no OPA; test/governance/opa.test.ts has it',
  tool_quarantined: 'needs an approval and a change; test/governance/management.test.ts and the tour have it',
  rate_limited: 'needs many requests; test/governance/limits.test.ts has it',
  quota_exhausted: 'needs many requests; test/governance/limits.test.ts has it',
  concurrency_limited: 'needs a call under way; test/governance/limits.test.ts has it',
  repeat_refused: 'needs many requests; test/governance/limits.test.ts has it',
  counter_unavailable: 'caused by the counter store; test/governance/limits.test.ts has it',
  governance_unavailable: 'caused by the gateway itself; test/acceptance/post-function.test.ts has it',
};

describe('the golden corpus', () => {
  it('has at least 120 cases, each with a name of its own', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(120);
    const names = corpus.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('causes every reason that a request can cause', () => {
    const caused = new Set(corpus.map(({ expect: expected }) => expected.reason));
    expect(reasons.filter((reason) => !caused.has(reason) && impossible[reason] === undefined)).toEqual([]);
    expect(reasons.filter((reason) => caused.has(reason) && impossible[reason] !== undefined)).toEqual([]);
  });

  it('covers both eras and REST, allowed and denied', () => {
    const has = (fits: (test: (typeof corpus)[number]) => boolean): boolean => corpus.some(fits);
    for (const decision of ['allow', 'deny'] as const) {
      const decided = ({ expect: expected }: (typeof corpus)[number]): boolean => expected.decision === decision;
      expect(has((test) => decided(test) && test.to === 'rest')).toBe(true);
      expect(has((test) => decided(test) && test.request.headers['mcp-protocol-version'] === '2026-07-28')).toBe(true);
      expect(has((test) => decided(test) && test.request.session !== undefined)).toBe(true);
    }
  });

  it('lets nothing that is denied reach a server', () => {
    expect(corpus.filter(({ expect: expected }) => (expected.decision === 'deny') === expected.reachesServer)).toEqual(
      [],
    );
  });
});
