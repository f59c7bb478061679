import type { JsonValue } from '../json/json-value.ts';
import type { Condition } from '../snapshot/snapshot.ts';
import { compileArgumentTest, type TestResult } from './argument-test.ts';
import { describeTest, type TestSentence } from './describe-condition.ts';
import { followPointer, pointerTokens } from './json-pointer.ts';
import { createLocalClock, MINUTES_OF_DAY, minutesOf, type LocalClock } from './local-time.ts';

/** What conditions are about. */
export interface Situation {
  readonly phase: 'list' | 'call';
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** JSON-RPC method, or HTTP method of a REST operation; undefined while that is open. */
  readonly method?: string;
  /** Undefined while that is open: in a list nobody knows them yet. */
  readonly arguments?: JsonValue;
}

/** `unknown`: it depends on what the situation leaves open. */
export type ConditionResult = TestResult | 'unknown';

export interface CompiledCondition {
  readonly isAboutArguments: boolean;
  evaluate(situation: Situation): ConditionResult;
  /** Only of conditions about arguments. */
  readonly sentence?: TestSentence;
}

/** `clockOf`: shared by the conditions that are compiled together. */
export const compileCondition = (
  condition: Condition,
  clockOf: (zone: string) => LocalClock = createLocalClock,
): CompiledCondition => {
  if ('pointer' in condition) return compileArgument(condition);
  return {
    isAboutArguments: false,
    evaluate: 'methods' in condition ? compileMethods(condition) : compileTime(condition, clockOf),
  };
};

const compileArgument = ({ pointer, test }: Extract<Condition, { pointer: string }>): CompiledCondition => {
  const tokens = pointerTokens(pointer);
  const compare = compileArgumentTest(test);
  return {
    isAboutArguments: true,
    evaluate: (situation) =>
      situation.arguments === undefined ? 'unknown' : compare(followPointer(situation.arguments, tokens)),
    sentence: describeTest(pointer, test),
  };
};

const compileMethods = ({ methods }: Extract<Condition, { methods: unknown }>): CompiledCondition['evaluate'] => {
  const known = new Set(methods);
  return ({ method }) => (method === undefined ? 'unknown' : known.has(method));
};

/** A time that ends before it begins runs into the next day; the day it is named after is the one it begins on. */
const compileTime = (
  { time }: Extract<Condition, { time: unknown }>,
  clockOf: (zone: string) => LocalClock,
): CompiledCondition['evaluate'] => {
  const clock = clockOf(time.zone);
  const days = new Set(time.days);
  const [from, to] = [minutesOf(time.from), minutesOf(time.to)];
  const end = to < from ? to + MINUTES_OF_DAY : to;
  return ({ now }) => {
    const { weekday, minuteOfDay } = clock(now);
    const sinceYesterday = minuteOfDay + MINUTES_OF_DAY;
    const isToday = days.has(weekday) && minuteOfDay >= from && minuteOfDay < end;
    return isToday || (days.has(weekday === 1 ? 7 : weekday - 1) && sinceYesterday >= from && sinceYesterday < end);
  };
};
