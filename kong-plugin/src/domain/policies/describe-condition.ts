import type { JsonValue } from '../json/json-value.ts';
import type { ArgumentTest } from '../snapshot/snapshot.ts';

/** A condition on an argument in words, for the caller: only what the rule says, never what the argument was. */
export interface TestSentence {
  /** The rule allows while this holds: "/amount must be at most 1000". */
  readonly must: string;
  /** The rule denies while this holds: "/amount must not be more than 1000". */
  readonly mustNot: string;
  /** "/amount is more than 1000" */
  readonly is: string;
}

export const describeTest = (pointer: string, test: ArgumentTest): TestSentence => {
  const subject = pointer === '' ? 'The arguments' : cut(pointer, MAX_POINTER);
  const words = wordsOf(test);
  return {
    must: `${subject} must be ${words}`,
    mustNot: `${subject} must not be ${words}`,
    is: `${subject} ${pointer === '' ? 'are' : 'is'} ${words}`,
  };
};

const MAX_POINTER = 100;
const MAX_VALUE = 80;
const MAX_VALUES = 8;

const wordsOf = (test: ArgumentTest): string => {
  switch (test.operator) {
    case 'equals':
      return show(test.value);
    case 'not_equals':
      return `other than ${show(test.value)}`;
    case 'less':
      return `less than ${test.value}`;
    case 'at_most':
      return `at most ${test.value}`;
    case 'greater':
      return `more than ${test.value}`;
    case 'at_least':
      return `at least ${test.value}`;
    case 'in':
      return `one of ${showAll(test.value)}`;
    case 'not_in':
      return `none of ${showAll(test.value)}`;
    case 'like':
      return `like ${show(test.value)}`;
    case 'not_like':
      return `unlike ${show(test.value)}`;
    case 'longer_than':
      return `longer than ${test.value}`;
    case 'shorter_than':
      return `shorter than ${test.value}`;
    case 'exists':
      return test.value ? 'given' : 'left out';
  }
};

const showAll = (values: readonly JsonValue[]): string => {
  const shown = values.slice(0, MAX_VALUES).map(show).join(', ');
  return values.length > MAX_VALUES ? `${shown} and ${values.length - MAX_VALUES} more` : shown;
};

const show = (value: JsonValue): string => cut(JSON.stringify(value), MAX_VALUE);

const cut = (text: string, maximum: number): string => (text.length > maximum ? `${text.slice(0, maximum)}…` : text);
