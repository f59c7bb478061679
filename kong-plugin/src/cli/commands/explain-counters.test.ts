import { describe, expect, it } from 'vitest';
import { success, failure } from '../../domain/result.ts';
import { toGrant } from '../../domain/limits/to-grant.ts';
import type { Demand } from '../../domain/limits/limit-rule.ts';
import { TOKEN_VARIABLE, type CounterSource, type PeekCounters } from '../live/counter-source.ts';
import { kongFile, MONDAY, policyFile } from '../testing/fixtures.ts';
import { run, runAsking } from '../testing/run-in-memory.ts';

const files = { 'kong.yml': kongFile, 'policy.yml': policyFile };
const question = [
  ...['explain', '--as', 'alice', '--server', 'shop', '--tool', 'create_invoice', '--args', '{"amount":5}'],
  ...['--policy', 'policy.yml', '--at', MONDAY],
];

/** Counters in which every rule stands at the given number of units. */
const countersAt = (used: number) => {
  const asked: { readonly source: CounterSource; readonly demands: readonly Demand[] }[] = [];
  const peekCounters: PeekCounters = (source, demands) => {
    asked.push({ source, demands });
    const standings = demands.map(({ endsAt }) => ({ used, resetsAt: endsAt }));
    return Promise.resolve(success(toGrant({ demands, standings, mode: 'peek' })));
  };
  return { asked, peekCounters };
};

describe('explain with counters', () => {
  it('shows the units left of each limit, until when, in the windows of the tenant', async () => {
    const { peekCounters, asked } = countersAt(12);
    const { code, out } = await runAsking([...question, '--counters', 'redis://counters:6379'], files, {
      peekCounters,
    });
    expect(code).toBe(0);
    expect(out).toContain('ALLOWED');
    expect(out).toContain('48 of 60 left until 2026-03-02T09:01:00.000Z');
    // The month of Europe/Paris ends an hour before that of UTC; in March its clocks change.
    expect(out).toContain('988 of 1000 left until 2026-03-31T22:00:00.000Z');
    expect(asked[0]?.demands.map(({ rule, cost }) => [rule, cost])).toEqual([
      ['per-minute', 5],
      ['monthly', 5],
    ]);
  });

  it('says the same in JSON', async () => {
    const { peekCounters } = countersAt(12);
    const { out } = await runAsking([...question, '--counters', 'postgres://db/counters', '--json'], files, {
      peekCounters,
    });
    expect(JSON.parse(out)).toMatchObject({
      allowed: true,
      limits: [
        { rule: 'per-minute', limit: 60, used: 12, left: 48, resetsAt: '2026-03-02T09:01:00.000Z' },
        { rule: 'monthly', limit: 1000, used: 12, left: 988 },
      ],
    });
  });

  it('refuses, with the reply of the gateway, when a limit is used up', async () => {
    const { peekCounters } = countersAt(58);
    const { code, out } = await runAsking([...question, '--counters', 'redis://counters', '--json'], files, {
      peekCounters,
    });
    expect(code).toBe(1);
    const answer = JSON.parse(out) as { readonly reply: { readonly body: string } };
    expect(answer).toMatchObject({
      allowed: false,
      policy: 'limits',
      rule: 'per-minute',
      reason: 'rate_limited',
      limits: [{ rule: 'per-minute', left: 2 }, { rule: 'monthly' }],
    });
    expect(answer.reply.body).toContain('58 of 60');
  });

  it('says from files alone that units left are not known, and how to ask', () => {
    const { out } = run(question, files);
    expect(out).toContain('units left are not known from files: give --counters or --node');
    expect(out).not.toContain(' left until ');
  });

  it('asks no counter about a call that a policy refuses', () => {
    const { peekCounters } = countersAt(0);
    expect(peekCounters).toBeDefined();
    const denied = question.map((word) => (word === '{"amount":5}' ? '{"amount":5000}' : word));
    expect(run([...denied, '--counters', 'redis://counters'], files).code).toBe(1);
  });

  it('takes the token of a node from the environment', async () => {
    const { peekCounters, asked } = countersAt(0);
    await runAsking([...question, '--node', 'http://127.0.0.1:8110'], files, {
      peekCounters,
      environment: { [TOKEN_VARIABLE]: 'test-token' },
    });
    expect(asked[0]?.source).toEqual({ kind: 'node', url: 'http://127.0.0.1:8110', token: 'test-token' });
  });

  it.each([
    ['both', ['--counters', 'redis://a', '--node', 'http://b'], 'not both'],
    ['a URL of something else', ['--counters', 'mysql://user:secret@a'], 'redis://, rediss:// or postgres://'],
    ['a node that is no URL', ['--node', 'here'], '--node: expected a URL'],
    ['a node without a token', ['--node', 'http://b'], TOKEN_VARIABLE],
  ])('answers 2 to %s', (_, words, problem) => {
    const { code, err } = run([...question, ...words], files);
    expect([code, err]).toEqual([2, expect.stringContaining(problem)]);
    expect(err).not.toContain('secret');
  });

  it('answers 2 when the counters cannot be asked', async () => {
    const { code, err } = await runAsking([...question, '--counters', 'redis://counters'], files, {
      peekCounters: () => Promise.resolve(failure('the counters at redis://counters cannot be asked: ECONNREFUSED')),
    });
    expect([code, err]).toEqual([2, expect.stringContaining('ECONNREFUSED')]);
  });
});
