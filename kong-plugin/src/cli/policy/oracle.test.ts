import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../domain/json/json-value.ts';
import { success, failure } from '../../domain/result.ts';
import { createOracle, type Question } from './oracle.ts';
import { readSetup } from './setup.ts';
import { callerOf, findSubject } from './subjects.ts';

const kongOf = (rules: readonly unknown[]) => ({
  services: [{ name: 's', plugins: [{ name: 'mcp-governance', config: { server: { name: 's' }, rules } }] }],
  consumers: [{ username: 'alice' }],
});

const questionOf = (kong: unknown, policy: unknown) => {
  const files: Readonly<Record<string, string>> = { k: JSON.stringify(kong), p: JSON.stringify(policy) };
  const readFile = (file: string) => {
    const text = files[file];
    return text === undefined ? failure('missing') : success(text);
  };
  const io = {
    out: () => {},
    err: () => {},
    readFile,
    now: () => 0,
    environment: () => undefined,
    peekCounters: () => Promise.resolve(failure('nobody counts here')),
  };
  const setup = readSetup({ kong: 'k', policy: 'p' }, io);
  if (!setup.ok) throw new Error(JSON.stringify(setup.error));
  const subject = findSubject(setup.value, 'alice');
  const [place] = setup.value.places;
  if (!subject.ok || place === undefined) throw new Error('no subject');
  const caller = callerOf(subject.value, { place, setup: setup.value });
  if (!caller.ok) throw new Error(caller.error);
  const question: Question = { place, caller: caller.value, item: { kind: 'tool', name: 'pay' }, at: 0 };
  return { oracle: createOracle(setup.value), question };
};

const accessOf = (rules: readonly unknown[], policyRules: readonly unknown[]) => {
  const { oracle, question } = questionOf(kongOf(rules), { version: 1, rules: policyRules });
  return oracle.access(question);
};

const allow = { id: 'allow', tools: ['pay'] };
const deny = { id: 'deny', effect: 'deny', tools: ['pay'] };
const when = [{ argument: '/amount', greater: 10 }];
const denyLarge = { id: 'large', effect: 'deny', tools: ['pay'], when };
const allowLarge = { id: 'allow-large', effect: 'allow', tools: ['pay'], when };

describe('access when the arguments are unknown', () => {
  it.each<[string, readonly unknown[], readonly unknown[], string, readonly string[]]>([
    ['an allow without conditions', [allow], [], 'yes', []],
    ['silence', [], [], 'no', []],
    ['an allow that a condition may deny', [allow], [denyLarge], 'depends', ['large']],
    ['an allow with a condition', [], [allowLarge], 'depends', ['allow-large']],
    ['an allow besides one with a condition', [allow], [allowLarge], 'yes', []],
    ['a deny that stands whatever is sent', [allow, deny], [denyLarge], 'no', []],
    ['a deny with a condition where nobody allows', [], [denyLarge], 'no', []],
    ['a shadow rule with a condition', [allow], [{ ...denyLarge, shadow: true }], 'yes', []],
    ['a rule about lists with a condition', [allow], [{ ...denyLarge, phases: ['list'] }], 'yes', []],
    ['a rule about another tool', [allow], [{ ...denyLarge, tools: ['refund'] }], 'yes', []],
    ['a rule about another caller', [allow], [{ ...denyLarge, callers: { consumers: ['bob'] } }], 'yes', []],
    ['a rule about another server', [allow], [{ ...denyLarge, servers: ['other'] }], 'yes', []],
    [
      'a condition beside a time that is over',
      [allow],
      [{ ...denyLarge, when: [...when, { time: { zone: 'UTC', days: ['sun'] } }] }],
      'yes',
      [],
    ],
    [
      'a condition beside the present time',
      [allow],
      [{ ...denyLarge, when: [...when, { time: { zone: 'UTC', days: ['thu'] } }] }],
      'depends',
      ['large'],
    ],
    [
      'a deny of what is left out',
      [allow],
      [{ ...denyLarge, when: [{ argument: '/amount', exists: false }] }],
      'depends',
      ['large'],
    ],
  ])('%s', (_title, rules, policyRules, access, dependsOn) => {
    expect(accessOf(rules, policyRules)).toMatchObject({ access, dependsOn });
  });

  it('yes and no hold for every argument that is tried, for 200 random policies', () => {
    const value = fc.constantFrom<JsonValue>(1, 5, 50, 'eu', 'us', null);
    const condition = fc.oneof(
      fc.record({ argument: fc.constantFrom('/a', '/b'), greater: fc.constantFrom(3, 20) }),
      fc.record({ argument: fc.constantFrom('/a', '/b'), equals: value }),
      fc.record({ argument: fc.constantFrom('/a', '/b'), exists: fc.boolean() }),
      fc.constant({ methods: ['tools/call'] }),
      fc.constant({ methods: ['prompts/get'] }),
    );
    const rule = fc.record({
      effect: fc.constantFrom('allow', 'deny'),
      tools: fc.constantFrom(['pay'], ['*'], ['other']),
      when: fc.array(condition, { maxLength: 2 }),
      shadow: fc.boolean(),
    });
    const sent = fc.dictionary(fc.constantFrom('a', 'b'), value, { maxKeys: 2 }) as fc.Arbitrary<JsonObject>;
    const seen = { yes: 0, no: 0, depends: 0 };
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 4 }),
        fc.array(sent, { minLength: 20, maxLength: 20 }),
        (rules, tries) => {
          const named = rules.map((each, index) => ({ ...each, id: `r${index}` }));
          const { oracle, question } = questionOf(kongOf([]), { version: 1, rules: named });
          const { access } = oracle.access(question);
          seen[access] += 1;
          for (const each of tries) {
            const effect = oracle.explain(question, each)?.find(({ decides }) => decides)?.effect;
            if (access === 'yes') expect(effect).toBe('allow');
            if (access === 'no') expect(effect).not.toBe('allow');
          }
        },
      ),
      { numRuns: 200, seed: 3 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(10);
  });

  it('partly known arguments: what is known is used, and only the rest is open', () => {
    const { oracle, question } = questionOf(kongOf([allow]), {
      version: 1,
      rules: [
        {
          ...denyLarge,
          when: [
            { argument: '/amount', greater: 10 },
            { argument: '/region', equals: 'eu' },
          ],
        },
      ],
    });
    const access = (sent: JsonObject, known: readonly string[]) =>
      oracle.access(question, { arguments: sent, isKnown: (pointer) => known.includes(pointer) }).access;
    expect(access({ amount: 5, region: '[redacted]' }, ['/amount'])).toBe('yes');
    expect(access({ amount: 50, region: '[redacted]' }, ['/amount'])).toBe('depends');
    expect(access({ amount: 50, region: 'eu' }, ['/amount', '/region'])).toBe('no');
    expect(access({ amount: '[redacted]', region: 'us' }, ['/region'])).toBe('yes');
  });
});
