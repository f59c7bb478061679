import type { JsonRpcId } from '../call.ts';
import type { ReadingProblem } from '../http/reading-problem.ts';
import { quoted, unreadable } from '../http/reading-problem.ts';
import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { isJsonObject, ownValue } from '../json/json-value.ts';
import type { Result } from '../result.ts';
import { success } from '../result.ts';
import { findLookalike } from './known-keys.ts';
import { MAX_METHOD_LENGTH, isPlainText } from './text-rules.ts';

/** One JSON-RPC message of exactly the right shape. `parameters` is empty when the message has none. */
export type Envelope =
  | {
      readonly kind: 'request';
      readonly id: JsonRpcId;
      readonly method: string;
      readonly parameters: JsonObject;
    }
  | { readonly kind: 'notification'; readonly method: string; readonly parameters: JsonObject }
  | { readonly kind: 'response' };

/** Ids are echoed in answers and looked for by the guard; SDKs send small integers or UUIDs. */
const MAX_ID_LENGTH = 1024;

/** The id when it is one that may be echoed: a string or a safe integer (SDK servers reject null, fractions and 2^53+1). */
export const readableId = (value: JsonValue): JsonRpcId | undefined => {
  const id = isJsonObject(value) ? ownValue(value, 'id') : undefined;
  if (typeof id === 'string') return id.length <= MAX_ID_LENGTH && !/\p{Surrogate}/u.test(id) ? id : undefined;
  return typeof id === 'number' && Number.isSafeInteger(id) ? id : undefined;
};

export const readEnvelope = (value: JsonValue): Result<Envelope, ReadingProblem> => {
  if (Array.isArray(value)) return unreadable('batch_refused', 'Send one JSON-RPC message per request, not a batch.');
  if (!isJsonObject(value)) return unreadable('invalid_message', 'The body must be one JSON-RPC object.');
  const lookalike = findLookalike(value);
  if (lookalike !== undefined) {
    return unreadable('lookalike_key', `The key ${quoted(lookalike)} could be taken for another one.`);
  }
  if (ownValue(value, 'jsonrpc') !== '2.0') return unreadable('invalid_message', 'Send "jsonrpc": "2.0".');
  if (Object.hasOwn(value, 'id') && readableId(value) === undefined) {
    return unreadable('invalid_message', '"id" must be a string or an integer below 2^53.');
  }
  return Object.hasOwn(value, 'method') ? readSent(value) : readResponse(value);
};

const readSent = (message: JsonObject): Result<Envelope, ReadingProblem> => {
  const foreign = foreignKey(message, ['jsonrpc', 'id', 'method', 'params']);
  if (foreign !== undefined) return foreignKeyProblem(foreign);
  const method = ownValue(message, 'method');
  if (!isPlainText(method, MAX_METHOD_LENGTH)) {
    return unreadable('invalid_message', `"method" must be a string of at most ${MAX_METHOD_LENGTH} characters.`);
  }
  const parameters = ownValue(message, 'params') ?? (Object.hasOwn(message, 'params') ? null : {});
  if (!isJsonObject(parameters)) return unreadable('invalid_message', '"params" must be an object.');
  const id = readableId(message);
  return success(
    id === undefined ? { kind: 'notification', method, parameters } : { kind: 'request', id, method, parameters },
  );
};

const readResponse = (message: JsonObject): Result<Envelope, ReadingProblem> => {
  const payload = Object.hasOwn(message, 'result') ? 'result' : 'error';
  const foreign = foreignKey(message, ['jsonrpc', 'id', payload]);
  if (foreign !== undefined) return foreignKeyProblem(foreign);
  if (!Object.hasOwn(message, 'id') || !isJsonObject(ownValue(message, payload))) {
    return unreadable(
      'invalid_message',
      'A message has a "method", or it is a response with "id" and "result" or "error".',
    );
  }
  return success({ kind: 'response' });
};

const foreignKey = (message: JsonObject, allowed: readonly string[]): string | undefined =>
  Object.keys(message).find((key) => !allowed.includes(key));

const foreignKeyProblem = (key: string) =>
  unreadable('invalid_message', `The key ${quoted(key)} has no place beside the others of this JSON-RPC message.`);
