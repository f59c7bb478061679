import type { JsonObject } from '../json/json-value.ts';
import {
  anyJson,
  anyNumber,
  boolean,
  integer,
  list,
  oneOf,
  record,
  text,
  type Field,
  type RecordProblem,
} from './shape.ts';
import { clockFormat, pointerFormat } from './text-formats.ts';
import { timeZoneFormat } from './time-zone.ts';

/** ISO weekdays: `days` of a snapshot hold their numbers, 1 to 7. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** A set that needs more is data, not policy; membership is one look-up whatever its size. */
const MAX_SET = 1_000;

/** What an argument may be compared with; each is one condition. */
export const operatorFields: Readonly<Record<string, Field>> = {
  equals: { shape: anyJson, description: 'The argument is this value.' },
  not_equals: { shape: anyJson, description: 'The argument is any other value.' },
  less: { shape: anyNumber, description: 'The argument is a number below this one.' },
  at_most: { shape: anyNumber, description: 'The argument is a number up to this one.' },
  greater: { shape: anyNumber, description: 'The argument is a number above this one.' },
  at_least: { shape: anyNumber, description: 'The argument is a number from this one on.' },
  in: { shape: list(anyJson, MAX_SET, 1), description: 'The argument is one of these values.' },
  not_in: { shape: list(anyJson, MAX_SET, 1), description: 'The argument is none of these values.' },
  like: { shape: text(512), description: 'The argument is a text of this pattern: * is any run of characters.' },
  not_like: { shape: text(512), description: 'The argument is a text of another pattern.' },
  longer_than: {
    shape: integer(0, 1_000_000_000),
    description: 'The argument is a text of more characters, or a list of more entries, than this.',
  },
  shorter_than: {
    shape: integer(0, 1_000_000_000),
    description: 'The argument is a text of fewer characters, or a list of fewer entries, than this.',
  },
  exists: { shape: boolean, description: 'true: the argument is given. false: it is left out.' },
};

const checkTime = ({ from, to }: JsonObject): readonly RecordProblem[] =>
  from === to ? [{ field: 'to', problem: 'Is the same time as `from`: that is no time at all.' }] : [];

const timeShape = record(
  {
    zone: {
      shape: text(64, { format: timeZoneFormat }),
      required: true,
      description: 'IANA time zone of the days and times below.',
    },
    days: {
      shape: list(oneOf(...weekdays), 7, 1),
      default: weekdays,
      description: 'Days of the week; every day when left out.',
    },
    from: { shape: text(5, { format: clockFormat }), default: '00:00', description: 'First minute that counts.' },
    to: {
      shape: text(5, { format: clockFormat }),
      default: '24:00',
      description: 'First minute that no longer counts. Before `from`: the next day.',
    },
  },
  { check: checkTime },
);

const checkCondition = (condition: JsonObject): readonly RecordProblem[] => {
  const operators = Object.keys(operatorFields).filter((name) => Object.hasOwn(condition, name));
  const hasArgument = Object.hasOwn(condition, 'argument');
  if (hasArgument && operators.length === 0)
    return [
      { field: 'argument', problem: 'Is compared with nothing.', suggestion: 'Add at_most, in, equals, exists, ...' },
    ];
  if (hasArgument) return [];
  return operators.map((field) => ({ field, problem: 'Compares nothing.', suggestion: 'Add argument: /name.' }));
};

/** One entry of `when`. */
export const conditionShape = record(
  {
    argument: {
      shape: text(256, { minimum: 0, format: pointerFormat }),
      description: 'JSON pointer into the arguments of the call; with one or more of the comparisons below.',
    },
    ...operatorFields,
    time: { shape: timeShape, description: 'Only on these days, between these times.' },
    methods: {
      shape: list(text(128), 100, 1),
      description: 'Only for these methods: JSON-RPC methods such as tools/call, or HTTP methods of a REST API.',
    },
  },
  { exactlyOneOf: ['argument', 'time', 'methods'], check: checkCondition },
);
