import { canonicalJson } from '../json/canonical-json.ts';
import type { JsonValue } from '../json/json-value.ts';
import { compileArgumentTest } from '../policies/argument-test.ts';
import type { ArgumentTest, Condition } from './snapshot.ts';

/** Why the conditions of one rule can never hold together, each as a sentence. */
export const findContradictions = (when: readonly Condition[]): readonly string[] => {
  const byPointer = new Map<string, ArgumentTest[]>();
  for (const condition of when) {
    if (!('pointer' in condition)) continue;
    const known = byPointer.get(condition.pointer);
    if (known === undefined) byPointer.set(condition.pointer, [condition.test]);
    else known.push(condition.test);
  }
  const ofArguments = [...byPointer].flatMap(([pointer, tests]) => {
    const why = contradiction(tests);
    return why === undefined ? [] : [`Can never hold: ${pointer === '' ? 'the arguments' : pointer} cannot be ${why}.`];
  });
  return [...ofArguments, ...methodContradiction(when)];
};

const contradiction = (tests: readonly ArgumentTest[]): string | undefined =>
  existence(tests) ?? range(tests) ?? lengths(tests) ?? values(tests);

const existence = (tests: readonly ArgumentTest[]): string | undefined => {
  const isAbsent = tests.some((test) => test.operator === 'exists' && !test.value);
  const other = tests.find((test) => test.operator !== 'exists' || test.value);
  return isAbsent && other !== undefined ? `both left out and ${phrase(other)}` : undefined;
};

const range = (tests: readonly ArgumentTest[]): string | undefined => {
  for (const low of numbersOf(tests, ['at_least', 'greater']))
    for (const high of numbersOf(tests, ['at_most', 'less'])) {
      const isOpen = low.test.operator === 'greater' || high.test.operator === 'less';
      if (low.value > high.value || (isOpen && low.value === high.value))
        return `both ${phrase(low.test)} and ${phrase(high.test)}`;
    }
  return undefined;
};

const lengths = (tests: readonly ArgumentTest[]): string | undefined => {
  const shorter = numbersOf(tests, ['shorter_than']);
  for (const low of numbersOf(tests, ['longer_than']))
    for (const high of shorter)
      if (low.value + 1 >= high.value) return `both ${phrase(low.test)} and ${phrase(high.test)}`;
  return shorter.some(({ value }) => value === 0) ? 'shorter_than 0' : undefined;
};

const numbersOf = (
  tests: readonly ArgumentTest[],
  operators: readonly ArgumentTest['operator'][],
): readonly { readonly test: ArgumentTest; readonly value: number }[] =>
  tests.flatMap((test) =>
    operators.includes(test.operator) && typeof test.value === 'number' ? [{ test, value: test.value }] : [],
  );

/** Where a rule names the values, each of them is tried. */
const values = (tests: readonly ArgumentTest[]): string | undefined => {
  const named = tests.find((test) => test.operator === 'equals' || test.operator === 'in');
  if (named === undefined) return undefined;
  const candidates: readonly JsonValue[] = named.operator === 'in' ? named.value : [named.value];
  const others = tests.filter((test) => test !== named);
  const compiled = others.map(compileArgumentTest);
  if (candidates.some((candidate) => compiled.every((compare) => compare(candidate) === true))) return undefined;
  return `both ${phrase(named)} and ${others.map(phrase).join(' and ')}`;
};

const methodContradiction = (when: readonly Condition[]): readonly string[] => {
  const lists = when.flatMap((condition) => ('methods' in condition ? [condition.methods] : []));
  const [first = [], ...rest] = lists;
  const isPossible = lists.length < 2 || first.some((method) => rest.every((list) => list.includes(method)));
  return isPossible ? [] : ['Can never hold: no method is in all of its lists of methods.'];
};

const phrase = ({ operator, value }: ArgumentTest): string => `${operator} ${canonicalJson(value).slice(0, 80)}`;
