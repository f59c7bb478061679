import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Call } from '../call.ts';
import type { Caller } from '../caller.ts';
import type { JsonObject } from '../json/json-value.ts';
import { createJudge } from '../judge.ts';
import type { SnapshotRule } from '../snapshot/snapshot.ts';
import { snapshotOf } from '../snapshot/testing/fixtures.ts';
import { compileCallerMatch } from './caller-matcher.ts';
import { compilePattern, matchesPattern } from './pattern.ts';
import { callerOf, configOf, inputOf, noon, ruleOf, toolCall } from './testing/fixtures.ts';

const tools = ['pay', 'pay_all', 'search', 'x'];
const callers: readonly Caller[] = [
  callerOf({ consumer: 'ann', tenant: 'acme' }),
  callerOf({ consumer: 'bob', tenant: 'globex', groups: ['gold'] }),
];
const values: readonly JsonObject[] = [{}, { a: 1 }, { a: 5 }, { a: '5' }, { a: null, b: 'x' }, { a: 5, b: 'x' }];

const anyCallers = fc.constantFrom<JsonObject>(
  {},
  { consumers: ['ann'] },
  { tenants: ['glob*'] },
  { groups: ['gold'] },
);
const anyTools = fc.uniqueArray(fc.constantFrom('pay', 'pay*', '*', 'search', '*y'), { minLength: 1, maxLength: 2 });
const condition = fc.constantFrom<JsonObject>(
  { argument: '/a', at_most: 3 },
  { argument: '/a', greater: 3 },
  { argument: '/b', exists: true },
  { argument: '/b', not_equals: 'y' },
  { time: { zone: 'UTC', days: ['tue'] } },
  { time: { zone: 'UTC', days: ['wed'] } },
  { methods: ['tools/call'] },
);
const anyRules = fc
  .array(
    fc.record({
      effect: fc.constantFrom('allow', 'deny'),
      callers: anyCallers,
      tools: anyTools,
      when: fc.array(condition, { maxLength: 2 }),
      phases: fc.constantFrom(['list', 'call'], ['list', 'call'], ['call'], ['list']),
      shadow: fc.constantFrom(false, false, false, true),
    }),
    { maxLength: 6 },
  )
  .map((rules) => rules.map((rule, index): JsonObject => ({ id: `r${index}`, ...rule })));

/** The rules read one after the other, as the manual explains them. */
const expected = (
  rules: readonly SnapshotRule[],
  asked: {
    readonly caller: Caller;
    readonly tool: string;
    readonly phase: 'list' | 'call';
    readonly given: JsonObject;
  },
): boolean => {
  const { caller, tool, phase, given } = asked;
  const concerned = rules.filter(
    (rule) =>
      !rule.shadow &&
      rule.phases.includes(phase) &&
      compileCallerMatch(rule.callers)(caller) &&
      rule.tools.some((pattern) => matchesPattern(compilePattern(pattern), tool)),
  );
  const counts = (rule: SnapshotRule): boolean =>
    rule.when.every((each) => {
      if ('time' in each) return each.time.days.includes(2);
      if ('methods' in each) return true;
      if (phase === 'list') return rule.effect === 'allow';
      const value = given[each.pointer.slice(1)];
      const { operator, value: bound } = each.test;
      if (operator === 'exists') return value !== undefined;
      if (value === undefined) return false;
      if (operator === 'not_equals') return value !== bound;
      if (typeof value !== 'number') return rule.effect === 'deny';
      return operator === 'at_most' ? value <= Number(bound) : value > Number(bound);
    });
  const inForce = concerned.filter(counts);
  return inForce.some(({ effect }) => effect === 'allow') && !inForce.some(({ effect }) => effect === 'deny');
};

const callOf = (tool: string, given: JsonObject): Call => ({ ...toolCall(tool), arguments: given }) as Call;

it('500 random policies decide lists and calls as a reading of their rules one by one does', () => {
  fc.assert(
    fc.property(anyRules, (rules) => {
      const snapshot = snapshotOf({ rules });
      const judge = createJudge(configOf({}), snapshot);
      for (const caller of callers)
        for (const tool of tools) {
          const isShown = expected(snapshot.rules, { caller, tool, phase: 'list', given: {} });
          expect(judge.mayUse(caller, 'tool', tool, noon)).toBe(isShown);
          for (const given of values) {
            const decision = judge.decide(inputOf(callOf(tool, given), caller));
            const isAllowed = expected(snapshot.rules, { caller, tool, phase: 'call', given });
            expect([tool, given, decision.effect]).toEqual([tool, given, isAllowed ? 'allow' : 'deny']);
          }
        }
    }),
    { numRuns: 500, seed: 11 },
  );
});

it('in 300 random policies for both phases, only callers who see a tool hear about its arguments', () => {
  fc.assert(
    fc.property(anyRules, (rules) => {
      const judge = createJudge(
        configOf({}),
        snapshotOf({ rules: rules.map((rule) => ({ ...rule, phases: ['list', 'call'] })) }),
      );
      for (const caller of callers)
        for (const tool of tools)
          for (const given of values) {
            const decision = judge.decide(inputOf(callOf(tool, given), caller));
            if (decision.effect === 'allow' || decision.reason === 'arguments_denied')
              expect(judge.mayUse(caller, 'tool', tool, noon)).toBe(true);
            else expect(decision).toMatchObject({ reason: 'tool_denied', detail: `Unknown tool: ${tool}` });
          }
    }),
    { numRuns: 300, seed: 12 },
  );
});

it('200 random configurations decide the same without a snapshot and with an empty one', () => {
  fc.assert(
    fc.property(anyRules, (rules) => {
      const plain = snapshotOf({
        rules: rules.map(({ id = '', effect = 'deny', callers = {}, tools = [] }) => ({ id, effect, callers, tools })),
      });
      const config = configOf({ rules: plain.rules.map((rule) => ruleOf(rule)) });
      const [without, withEmpty] = [createJudge(config), createJudge(config, snapshotOf({}))];
      for (const caller of callers)
        for (const tool of tools) {
          const input = inputOf(callOf(tool, { a: 5 }), caller);
          expect(withEmpty.decide(input)).toEqual(without.decide(input));
          expect(withEmpty.explain(input)).toEqual(without.explain(input));
          expect(withEmpty.mayUse(caller, 'tool', tool, noon)).toBe(without.mayUse(caller, 'tool', tool, noon));
          expect(withEmpty.resolve(caller)).toEqual(without.resolve(caller));
        }
    }),
    { numRuns: 200, seed: 13 },
  );
});
