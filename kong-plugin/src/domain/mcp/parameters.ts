import type { ReadingProblem } from '../http/reading-problem.ts';
import { unreadable } from '../http/reading-problem.ts';
import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { isJsonObject, ownValue } from '../json/json-value.ts';
import type { Result } from '../result.ts';
import { success } from '../result.ts';
import type { McpOptions } from '../server-config.ts';
import {
  MAX_NAME_LENGTH,
  MAX_TASK_ID_LENGTH,
  MAX_URI_LENGTH,
  hasDotSegment,
  isPlainText,
  isStrictToolName,
} from './text-rules.ts';

type Read<Value> = Result<Value, ReadingProblem>;

/** URIs or task ids in one `subscriptions/listen`: each is judged on its own. */
const MAX_LIST_LENGTH = 1000;

export const readToolName = (parameters: JsonObject, options: McpOptions): Read<string> => {
  const name = readName(parameters);
  if (!name.ok || options.toolNames === 'any' || isStrictToolName(name.value)) return name;
  return unreadable('invalid_name', 'A tool name is 1 to 128 characters of A-Z a-z 0-9 . _ and -.');
};

/** A prompt's name; a tool's has one more rule. */
export const readName = (parameters: JsonObject): Read<string> =>
  readPlainText(parameters, { field: 'name', maxLength: MAX_NAME_LENGTH });

export const readTaskId = (parameters: JsonObject): Read<string> =>
  readPlainText(parameters, { field: 'taskId', maxLength: MAX_TASK_ID_LENGTH });

export const readUri = (parameters: JsonObject): Read<string> => {
  const uri = readPlainText(parameters, { field: 'uri', maxLength: MAX_URI_LENGTH });
  return uri.ok && hasDotSegment(uri.value) ? dotSegmentProblem() : uri;
};

export const readArguments = (parameters: JsonObject): Read<JsonObject> => {
  if (!Object.hasOwn(parameters, 'arguments')) return success({});
  const value = ownValue(parameters, 'arguments');
  return isJsonObject(value) ? success(value) : unreadable('invalid_parameters', '"arguments" must be an object.');
};

export const readUris = (parameters: JsonObject, field: string): Read<readonly string[]> => {
  const uris = readList(parameters, { field, maxLength: MAX_URI_LENGTH });
  return uris.ok && uris.value.some(hasDotSegment) ? dotSegmentProblem() : uris;
};

export const readTaskIds = (parameters: JsonObject, field: string): Read<readonly string[]> =>
  readList(parameters, { field, maxLength: MAX_TASK_ID_LENGTH });

interface TextField {
  readonly field: string;
  readonly maxLength: number;
}

const readPlainText = (parameters: JsonObject, { field, maxLength }: TextField): Read<string> => {
  const value = ownValue(parameters, field);
  if (typeof value !== 'string') return unreadable('invalid_parameters', `"${field}" must be a string.`);
  if (isPlainText(value, maxLength)) return success(value);
  return unreadable('invalid_name', `"${field}" must be 1 to ${maxLength} characters without control characters.`);
};

const readList = (parameters: JsonObject, { field, maxLength }: TextField): Read<readonly string[]> => {
  if (!Object.hasOwn(parameters, field)) return success([]);
  const list = ownValue(parameters, field);
  const items: readonly JsonValue[] | undefined = Array.isArray(list) ? list : undefined;
  if (items === undefined || items.length > MAX_LIST_LENGTH || !items.every((item) => typeof item === 'string')) {
    return unreadable('invalid_parameters', `"${field}" must be a list of at most ${MAX_LIST_LENGTH} strings.`);
  }
  if (items.every((item) => isPlainText(item, maxLength))) return success(items);
  return unreadable(
    'invalid_name',
    `Each of "${field}" must be 1 to ${maxLength} characters without control characters.`,
  );
};

const dotSegmentProblem = () => unreadable('invalid_name', 'A URI must not contain "." or ".." as a path segment.');
