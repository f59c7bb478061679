import type { Call, CompletionCall, Era, ItemKind } from '../call.ts';
import type { ReadingProblem } from '../http/reading-problem.ts';
import { unreadable } from '../http/reading-problem.ts';
import type { JsonObject } from '../json/json-value.ts';
import { isJsonObject, ownValue } from '../json/json-value.ts';
import type { Result } from '../result.ts';
import { success } from '../result.ts';
import type { McpOptions } from '../server-config.ts';
import { readArguments, readName, readTaskId, readTaskIds, readToolName, readUri, readUris } from './parameters.ts';

type CallReader = (parameters: JsonObject, options: McpOptions) => Result<Call, ReadingProblem>;

export interface Method {
  /** The eras in which it exists. */
  readonly eras: readonly Era[];
  readonly read: CallReader;
}

const both: readonly Era[] = ['legacy', 'modern'];
const legacy: readonly Era[] = ['legacy'];
const modern: readonly Era[] = ['modern'];

const plain =
  (kind: 'lifecycle' | 'server_only', method: string): CallReader =>
  () =>
    success({ kind, method });

const list =
  (method: string, itemKind: ItemKind): CallReader =>
  (parameters) => {
    // Opaque and the server's own: only which page follows which matters here.
    const cursor = ownValue(parameters, 'cursor');
    return success({ kind: 'list', method, itemKind, ...(typeof cursor === 'string' ? { cursor } : {}) });
  };

const tool: CallReader = (parameters, options) => {
  const name = readToolName(parameters, options);
  if (!name.ok) return name;
  const toolArguments = readArguments(parameters);
  if (!toolArguments.ok) return toolArguments;
  const isRetry = Object.hasOwn(parameters, 'inputResponses') || Object.hasOwn(parameters, 'requestState');
  return success({ kind: 'tool', method: 'tools/call', name: name.value, arguments: toolArguments.value, isRetry });
};

const prompt: CallReader = (parameters) => {
  const name = readName(parameters);
  if (!name.ok) return name;
  const promptArguments = readArguments(parameters);
  if (!promptArguments.ok) return promptArguments;
  return success({ kind: 'prompt', method: 'prompts/get', name: name.value, arguments: promptArguments.value });
};

const resource =
  (method: string): CallReader =>
  (parameters) => {
    const uri = readUri(parameters);
    return uri.ok ? success({ kind: 'resource', method, uri: uri.value }) : uri;
  };

const task =
  (method: string): CallReader =>
  (parameters) => {
    const taskId = readTaskId(parameters);
    return taskId.ok ? success({ kind: 'task', method, taskId: taskId.value }) : taskId;
  };

const completion: CallReader = (parameters) => {
  const reference = readReference(ownValue(parameters, 'ref'));
  return reference.ok
    ? success({ kind: 'completion', method: 'completion/complete', reference: reference.value })
    : reference;
};

const readReference = (value: ReturnType<typeof ownValue>): Result<CompletionCall['reference'], ReadingProblem> => {
  const reference = isJsonObject(value) ? value : {};
  const type = ownValue(reference, 'type');
  if (type === 'ref/prompt') {
    const name = readName(reference);
    return name.ok ? success({ kind: 'prompt', name: name.value }) : name;
  }
  if (type === 'ref/resource') {
    const uri = readUri(reference);
    return uri.ok ? success({ kind: 'resource', uri: uri.value }) : uri;
  }
  return unreadable('invalid_parameters', '"ref" must be a ref/prompt or a ref/resource.');
};

const listen: CallReader = (parameters) => {
  const filter = ownValue(parameters, 'notifications');
  if (!isJsonObject(filter)) return unreadable('invalid_parameters', '"notifications" must be an object.');
  const resourceUris = readUris(filter, 'resourceSubscriptions');
  if (!resourceUris.ok) return resourceUris;
  const taskIds = readTaskIds(filter, 'taskIds');
  if (!taskIds.ok) return taskIds;
  return success({
    kind: 'listen',
    method: 'subscriptions/listen',
    resourceUris: resourceUris.value,
    taskIds: taskIds.value,
  });
};

const row = (method: string, eras: readonly Era[], read: CallReader): readonly [string, Method] => [
  method,
  { eras, read },
];

/** Every request method of every revision: adding one is a line here. A Map, so that `constructor` finds nothing. */
export const methods: ReadonlyMap<string, Method> = new Map([
  row('initialize', legacy, plain('lifecycle', 'initialize')),
  row('ping', legacy, plain('lifecycle', 'ping')),
  row('logging/setLevel', legacy, plain('lifecycle', 'logging/setLevel')),
  row('server/discover', modern, plain('lifecycle', 'server/discover')),
  row('tools/list', both, list('tools/list', 'tool')),
  row('tools/call', both, tool),
  row('prompts/list', both, list('prompts/list', 'prompt')),
  row('prompts/get', both, prompt),
  row('resources/list', both, list('resources/list', 'resource')),
  row('resources/templates/list', both, list('resources/templates/list', 'resourceTemplate')),
  row('resources/read', both, resource('resources/read')),
  row('resources/subscribe', legacy, resource('resources/subscribe')),
  row('resources/unsubscribe', legacy, resource('resources/unsubscribe')),
  row('subscriptions/listen', modern, listen),
  row('completion/complete', both, completion),
  row('tasks/get', both, task('tasks/get')),
  row('tasks/result', legacy, task('tasks/result')),
  row('tasks/update', modern, task('tasks/update')),
  row('tasks/cancel', both, task('tasks/cancel')),
  row('tasks/list', legacy, () => success({ kind: 'task', method: 'tasks/list' })),
  row('sampling/createMessage', both, plain('server_only', 'sampling/createMessage')),
  row('elicitation/create', both, plain('server_only', 'elicitation/create')),
  row('roots/list', both, plain('server_only', 'roots/list')),
]);
