import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../json/json-value.ts';
import { within, type IssueList, type Place } from './issue-list.ts';
import type { ListShape, NumberShape, RecordShape, Shape, TextShape } from './shape.ts';
import { didYouMean } from './suggest.ts';

interface Reading {
  readonly at: Place | undefined;
  readonly issues: IssueList;
}

/** The value with its defaults filled in; undefined when it is wrong, and then `issues` says why. */
export const readShape = (value: JsonValue, shape: Shape, reading: Reading): JsonValue | undefined => {
  switch (shape.kind) {
    case 'text':
      return readText(value, shape, reading);
    case 'number':
      return readNumber(value, shape, reading);
    case 'boolean':
      return typeof value === 'boolean' ? value : wrong(reading, `Must be true or false, not ${kindOf(value)}.`);
    case 'any':
      return value;
    case 'list':
      return readList(value, shape, reading);
    case 'record':
      return readRecord(value, shape, reading);
  }
};

const wrong = ({ at, issues }: Reading, problem: string, suggestion?: string): undefined => {
  issues.add(at, problem, suggestion);
};

const kindOf = (value: JsonValue): string => {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : `a ${typeof value}`;
};

const readText = (value: JsonValue, shape: TextShape, reading: Reading): string | undefined => {
  if (typeof value !== 'string') {
    const quote = typeof value === 'number' || typeof value === 'boolean' ? `Write "${value}".` : undefined;
    return wrong(reading, `Must be a text, not ${kindOf(value)}.`, shape.oneOf === undefined ? quote : undefined);
  }
  const { minimum = 1, maximum, oneOf, format } = shape;
  if (oneOf !== undefined)
    return oneOf.includes(value)
      ? value
      : wrong(reading, `${show(value)} is not one of ${oneOf.join(', ')}.`, didYouMean(value, oneOf));
  if (value.length < minimum) return wrong(reading, 'Must not be empty.');
  if (value.length > maximum) return wrong(reading, `Must be at most ${maximum} characters, not ${value.length}.`);
  if (format === undefined) return value;
  const isFine = format.pattern.test(value) && format.check?.(value) !== false;
  return isFine ? value : wrong(reading, `${show(value)} must be ${format.mustBe}.`, format.suggest?.(value));
};

const show = (value: string): string => JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);

const readNumber = (value: JsonValue, shape: NumberShape, reading: Reading): number | undefined => {
  if (typeof value !== 'number') {
    const isQuoted = typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
    return wrong(
      reading,
      `Must be a number, not ${kindOf(value)}.`,
      isQuoted ? `Write ${value} without quotes.` : undefined,
    );
  }
  const { isInteger, minimum = -Infinity, maximum = Infinity } = shape;
  if (isInteger && !Number.isSafeInteger(value)) return wrong(reading, 'Must be a whole number.');
  if (value < minimum || value > maximum) return wrong(reading, `Must be from ${minimum} to ${maximum}, not ${value}.`);
  return value;
};

const readList = (value: JsonValue, shape: ListShape, { at, issues }: Reading): readonly JsonValue[] | undefined => {
  if (!Array.isArray(value)) {
    const single = typeof value === 'string' ? `Write [${value}].` : undefined;
    return wrong({ at, issues }, `Must be a list, not ${kindOf(value)}.`, single);
  }
  const items = value as readonly JsonValue[];
  if (items.length > shape.maximum)
    return wrong({ at, issues }, `Has ${items.length} entries; at most ${shape.maximum} are read.`);
  if (items.length < (shape.minimum ?? 0)) return wrong({ at, issues }, 'Must not be empty; leave it out instead.');
  return items.flatMap((item, index) => {
    const read = readShape(item, shape.items, { at: within(at, index), issues });
    return read === undefined ? [] : [read];
  });
};

const readRecord = (value: JsonValue, shape: RecordShape, { at, issues }: Reading): JsonObject | undefined => {
  if (!isJsonObject(value)) return wrong({ at, issues }, `Must be a mapping, not ${kindOf(value)}.`);
  const before = issues.count();
  const read: Record<string, JsonValue> = {};
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(shape.fields, key)) continue;
    issues.add(within(at, key), 'There is no such field.', didYouMean(key, Object.keys(shape.fields)));
  }
  for (const [name, field] of Object.entries(shape.fields)) {
    const given = ownValue(value, name);
    if (given === undefined && field.required === true) issues.add(within(at, name), 'Is missing.');
    const found = given === undefined ? field.default : readShape(given, field.shape, { at: within(at, name), issues });
    if (found !== undefined) read[name] = found;
  }
  const { exactlyOneOf } = shape;
  if (exactlyOneOf !== undefined && exactlyOneOf.filter((name) => Object.hasOwn(value, name)).length !== 1)
    issues.add(at, `Must have exactly one of ${exactlyOneOf.join(', ')}.`);
  if (issues.count() > before) return undefined;
  for (const { field, problem, suggestion } of shape.check?.(read) ?? [])
    issues.add(within(at, field), problem, suggestion);
  return issues.count() > before ? undefined : read;
};
