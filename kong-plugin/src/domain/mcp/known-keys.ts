import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { isJsonObject, ownValue } from '../json/json-value.ts';
import { findLookalikeKey, knownNames } from '../json/lookalike-key.ts';

/** Keys by which servers decide what a message does, by the level they stand on. `arguments` is the tool's own and free. */
const envelope = knownNames(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);

const params = knownNames([
  '_meta',
  'name',
  'arguments',
  'uri',
  'ref',
  'argument',
  'context',
  'cursor',
  'task',
  'taskId',
  'inputResponses',
  'requestState',
  'notifications',
  'level',
  'protocolVersion',
  'capabilities',
  'clientInfo',
  'requestId',
  'progressToken',
]);

const meta = knownNames([
  'io.modelcontextprotocol/protocolVersion',
  'io.modelcontextprotocol/clientInfo',
  'io.modelcontextprotocol/clientCapabilities',
  'io.modelcontextprotocol/logLevel',
  'io.modelcontextprotocol/related-task',
  'io.modelcontextprotocol/subscriptionId',
  'progressToken',
  'traceparent',
  'tracestate',
  'baggage',
]);

const reference = knownNames(['type', 'name', 'uri', 'title']);

/** What `subscriptions/listen` subscribes to. */
const subscriptions = knownNames([
  'toolsListChanged',
  'promptsListChanged',
  'resourcesListChanged',
  'resourceSubscriptions',
  'taskIds',
]);

/** The first key on a level of the protocol's own that is not one of its keys but could be taken for one. */
export const findLookalike = (message: JsonObject): string | undefined => {
  const parameters = objectAt(message, 'params');
  return (
    findLookalikeKey(message, envelope) ??
    findLookalikeKey(parameters, params) ??
    findLookalikeKey(objectAt(parameters, '_meta'), meta) ??
    findLookalikeKey(objectAt(parameters, 'ref'), reference) ??
    findLookalikeKey(objectAt(parameters, 'notifications'), subscriptions)
  );
};

const nothing: JsonObject = {};

const objectAt = (object: JsonObject, key: string): JsonObject => {
  const value: JsonValue | undefined = ownValue(object, key);
  return isJsonObject(value) ? value : nothing;
};
