import { definedFields } from '../domain/defined-fields.ts';
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../domain/json/json-value.ts';
import type { LimitsQuestion } from '../domain/limits/limits-left.ts';
import { failure, success, type Result } from '../domain/result.ts';

/** Longer than any name that the gateway's own reader takes. */
const MAX_NAME_CHARACTERS = 512;
/** More than anybody puts on one consumer. */
const MAX_NAMES = 256;

/** `{server, tool, caller: {id, username, custom_id, tags, groups}}`, or a sentence that names the field that is wrong. */
export const readLimitsQuestion = (value: JsonValue): Result<LimitsQuestion, string> => {
  const outer = checkFields('body', value, { server: isName, tool: isName, caller: isJsonObject });
  if (!outer.ok) return outer;
  const inner = checkFields('caller', ownValue(outer.value, 'caller'), callerFields);
  if (!inner.ok) return inner;
  const [asked, caller] = [outer.value, inner.value];
  return success({
    server: textOf(asked, 'server'),
    tool: textOf(asked, 'tool'),
    consumer: {
      id: textOf(caller, 'id'),
      tags: namesOf(caller, 'tags'),
      ...definedFields({
        username: optionalText(caller, 'username'),
        customId: optionalText(caller, 'custom_id'),
      }),
    },
    groups: namesOf(caller, 'groups'),
  });
};

type Check = (value: JsonValue | undefined) => boolean;

/** No name holds a control character: counters' keys are told apart by one. */
const isName: Check = (value) =>
  typeof value === 'string' && value.length <= MAX_NAME_CHARACTERS && /^\P{Cc}+$/u.test(value);

const isOptionalName: Check = (value) => value === undefined || isName(value);

const areNames: Check = (value) =>
  value === undefined || (Array.isArray(value) && value.length <= MAX_NAMES && value.every(isName));

const callerFields: Readonly<Record<string, Check>> = {
  id: isName,
  username: isOptionalName,
  custom_id: isOptionalName,
  tags: areNames,
  groups: areNames,
};

/** A misspelt field would ask about somebody else: it is refused. */
const checkFields = (
  place: string,
  value: JsonValue | undefined,
  checks: Readonly<Record<string, Check>>,
): Result<JsonObject, string> => {
  if (!isJsonObject(value)) return failure(`${place}: expected an object.`);
  const pathOf = (name: string): string => (place === 'body' ? name : `${place}.${name}`);
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(checks, name));
  if (unknown !== undefined) return failure(`${pathOf(unknown.slice(0, 64))}: there is no such field.`);
  const wrong = Object.entries(checks).find(([name, isRight]) => !isRight(ownValue(value, name)));
  return wrong === undefined ? success(value) : failure(`${pathOf(wrong[0])}: expected ${expectedOf(wrong[1])}.`);
};

const expectedOf = (check: Check): string => {
  if (check === areNames) return `a list of at most ${MAX_NAMES} names`;
  return check === isJsonObject ? 'an object' : `a text of 1 to ${MAX_NAME_CHARACTERS} characters, none for control`;
};

const optionalText = (object: JsonObject, name: string): string | undefined => {
  const value = ownValue(object, name);
  return typeof value === 'string' ? value : undefined;
};

const textOf = (object: JsonObject, name: string): string => optionalText(object, name) ?? '';

const namesOf = (object: JsonObject, name: string): readonly string[] => {
  const value = ownValue(object, name);
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
};
