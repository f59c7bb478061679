import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonValue } from '../domain/json/json-value.ts';
import type { OpaInput } from '../domain/opa/opa-decision.ts';
import type { PolicyEngine } from './policy-engine.ts';

interface Subject {
  /** Says why when the suite is skipped. */
  readonly name: string;
  readonly isPresent: boolean;
  /** An engine that is ready and asks `contract/decision` of `contractPolicy`, with a deadline of 10 seconds and without a cache. */
  readonly create: () => Promise<PolicyEngine>;
}

export const contractEntrypoint = 'contract/decision';

/** Answers by the name of the tool; it has no default, so that an unknown tool leaves the decision undefined. */
export const contractPolicy = `package contract

decision := {"allow": true} if input.call.name == "allowed"

decision := {"allow": false, "reason": "Not on a Sunday."} if input.call.name == "denied"

decision := {"allow": true, "obligations": {"redact": {"$.iban"}}} if input.call.name == "obliged"

decision := {"allow": "yes"} if input.call.name == "odd"

decision := true if input.call.name == "bare"

decision := {"allow": true, "obligations": {"mask": ["$.iban"]}} if input.call.name == "strange"

decision := {"allow": true} if input.call.name == "conflict"

decision := {"allow": false} if input.call.name == "conflict"

decision := {"allow": input.call.arguments.amount <= 1000} if input.call.name == "amount"

decision := {"allow": input.limits.daily > 0} if input.call.name == "limited"

decision := {"allow": false, "reason": input.call.arguments.text} if input.call.name == "echo"

decision := {"allow": input.caller.anonymous} if input.call.name == "anonymous"

decision := {"allow": false, "reason": sprintf("%s %d:%d", [time.weekday(when), clock[0], clock[1]])} if {
	input.call.name == "clock"
	when := [time.parse_rfc3339_ns(input.time), input.call.arguments.zone]
	clock := time.clock(when)
}
`;

const ask = (name: string, values: JsonValue = {}, more: Partial<OpaInput> = {}): OpaInput => ({
  caller: { tenant: 'acme', consumer: 'acme-support', groups: [], tags: [], scopes: [], anonymous: false },
  server: 'orders',
  call: { kind: 'tool', method: 'tools/call', name, arguments: values },
  limits: {},
  time: '2026-11-23T14:05:06.007Z',
  ...more,
});

const denied = (reason?: string): unknown => ({
  ok: true,
  value: { allow: false, obligations: { redact: [] }, ...(reason === undefined ? {} : { reason }) },
});
const allowed = { ok: true, value: { allow: true, obligations: { redact: [] } } };

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

/** What every implementation of `PolicyEngine` must do. */
export const describePolicyEngine = ({ name, isPresent, create }: Subject): void => {
  describe.skipIf(!isPresent)(`${name} keeps the contract of PolicyEngine`, () => {
    let engine: PolicyEngine;
    beforeAll(async () => {
      engine = await create();
    });
    afterAll(() => engine.close());
    const decide = (input: OpaInput) => engine.decide(input);
    answers(decide);
    failures(decide);
    it('is healthy after it has answered', async () => {
      await decide(ask('allowed'));
      expect(engine.health()).toEqual({ ok: true });
    });
    it('says that the policy broke, and stays healthy, because a caller can provoke it', async () => {
      for (let count = 0; count < 30; count += 1) await decide(ask('conflict'));
      expect(engine.health()).toEqual({ ok: true, why: matching(/could not decide/) });
      await decide(ask('unheard of'));
      expect(engine.health()).toEqual({ ok: true, why: matching(/undefined/) });
    });
    it('fails after it was closed, and a second close does nothing', async () => {
      const closing = await create();
      expect(await closing.decide(ask('allowed'))).toEqual(allowed);
      await closing.close();
      await closing.close();
      expect(await closing.decide(ask('allowed'))).toEqual({ ok: false, error: matching(/closed/) });
      expect(closing.health()).toMatchObject({ ok: false });
    });
  });
};

type Decide = PolicyEngine['decide'];

const answers = (decide: Decide): void => {
  it.each<[string, OpaInput, unknown]>([
    ['allows', ask('allowed'), allowed],
    ['denies with the reason of the policy', ask('denied'), denied('Not on a Sunday.')],
    ['hands on obligations', ask('obliged'), { ok: true, value: { allow: true, obligations: { redact: ['$.iban'] } } }],
    ['denies when no rule produces a decision', ask('unheard of'), denied()],
    ['denies when the rule lacks the argument it needs', ask('amount'), denied()],
    ['compares numbers', ask('amount', { amount: 1000 }), allowed],
    ['compares numbers with a fraction', ask('amount', { amount: 1000.01 }), denied()],
    ['does not take 1e999 for null, which is less than every number', ask('amount', { amount: Infinity }), denied()],
    ['does not take a text for its number', ask('amount', { amount: '5' }), denied()],
    [
      'gives the policy texts as they are',
      ask('echo', { text: 'Grüße, "Zoë" 😀 \\u0041' }),
      denied('Grüße, "Zoë" 😀 \\u0041'),
    ],
    ['knows the caller', ask('anonymous'), denied()],
    ['tells Monday 15:05 in Berlin in winter', ask('clock', { zone: 'Europe/Berlin' }), denied('Monday 15:5')],
    [
      'tells Monday 16:05 in Berlin in summer',
      ask('clock', { zone: 'Europe/Berlin' }, { time: '2026-08-03T14:05:06.007Z' }),
      denied('Monday 16:5'),
    ],
    [
      'tells Tuesday 0:30 in Kathmandu',
      ask('clock', { zone: 'Asia/Kathmandu' }, { time: '2026-11-23T18:45:00Z' }),
      denied('Tuesday 0:30'),
    ],
    ['denies when the zone does not exist', ask('clock', { zone: 'Europe/Atlantis' }), denied()],
  ])('%s', async (_title, input, expected) => {
    expect(await decide(input)).toEqual(expected);
  });

  it('asks anew though only the limits differ, because the cache is off', async () => {
    expect(await decide(ask('limited', {}, { limits: { daily: 1 } }))).toEqual(allowed);
    expect(await decide(ask('limited', {}, { limits: { daily: 0 } }))).toEqual(denied());
  });

  it('gives each of 200 simultaneous questions its own answer', async () => {
    const texts = Array.from({ length: 200 }, (_, index) => `question ${index}`);
    const found = await Promise.all(texts.map((text) => decide(ask('echo', { text }))));
    expect(found).toEqual(texts.map((text) => denied(text)));
  });

  it('takes arguments of 500,000 characters', async () => {
    expect(await decide(ask('allowed', { text: 'x'.repeat(500_000) }))).toEqual(allowed);
  });
};

const failures = (decide: Decide): void => {
  it.each<[string, string, RegExp]>([
    ['allow is no boolean', 'odd', /"allow" must be true or false/],
    ['the decision is a bare true', 'bare', /must be an object/],
    ['an obligation is not known', 'strange', /obligation "mask" is not known/],
    ['two rules contradict each other', 'conflict', /could not decide/],
  ])('fails with a sentence when %s', async (_title, tool, why) => {
    expect(await decide(ask(tool))).toEqual({ ok: false, error: matching(why) });
  });

  it('answers 50 questions right that lie between 50 on which the policy breaks', async () => {
    const names = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 'conflict' : 'allowed'));
    const found = await Promise.all(names.map((tool) => decide(ask(tool))));
    expect(found.map(({ ok }) => ok)).toEqual(names.map((tool) => tool === 'allowed'));
  });

  it('does not ask about more than 1 MiB of arguments', async () => {
    expect(await decide(ask('allowed', { text: 'x'.repeat(1024 * 1024) }))).toEqual({
      ok: false,
      error: matching(/at most 1048576 are sent/),
    });
  });

  it('decides or fails on half a surrogate pair, and goes on', async () => {
    const found = await decide(ask('echo', { text: 'a\ud800b' }));
    expect(found.ok ? found.value.allow : false).toBe(false);
    expect(await decide(ask('allowed'))).toEqual(allowed);
  });
};
