import type { Era, ItemKind, JsonRpcId } from '../call.ts';
import { failure, success, type Result } from '../result.ts';
import {
  applyEdits,
  elementsOf,
  kindOf,
  membersOf,
  rootSpan,
  stringAt,
  textOf,
  type Edit,
  type Span,
} from './json-spans.ts';

export interface MessageFilter {
  readonly itemKind: ItemKind;
  readonly era: Era;
  readonly id: JsonRpcId;
  readonly mayUse: (kind: ItemKind, name: string) => boolean;
}

/** What a message of the server turned out to be; `answer` is the one to our request, with its hidden items cut out. */
export type FilteredMessage =
  | { readonly kind: 'other' }
  | { readonly kind: 'error' }
  | {
      readonly kind: 'answer';
      readonly text: string;
      /** The result as the server sent it, unfiltered. */
      readonly result: string;
      readonly kept: number;
      readonly total: number;
    };

/** Where each list keeps its items, and by what an item is judged. */
const shapes: Readonly<Record<ItemKind, { readonly list: string; readonly key: string }>> = {
  tool: { list: 'tools', key: 'name' },
  prompt: { list: 'prompts', key: 'name' },
  resource: { list: 'resources', key: 'uri' },
  resourceTemplate: { list: 'resourceTemplates', key: 'uriTemplate' },
};

/** A filtered list is asked for again after a minute at the latest, so that a change of rules is soon seen. */
const MAX_TTL_MS = 60_000;

const messageKeys = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);

/**
 * Filters one JSON-RPC message. Requests and notifications of the server pass. A result for any id but ours is refused,
 * also `"1"` for 1: the v1 client takes one for the other.
 */
export const filterMessage = (text: string, filter: MessageFilter): Result<FilteredMessage, string> => {
  const root = parseRoot(text);
  if (!root.ok) return root;
  const members = membersOf(text, root.value);
  if (!members.ok) return members;
  const message = members.value;
  if ([...message.keys()].some((key) => !messageKeys.has(key)))
    return failure('a message has a key of an unknown name');
  const [result, error] = [message.get('result'), message.get('error')];
  const contents = [message.has('method'), result !== undefined, error !== undefined].filter(Boolean);
  if (contents.length !== 1) return failure('a message is neither request, result nor error');
  if (error !== undefined) return readError(text, { error, id: message.get('id'), filter });
  if (result === undefined) return success({ kind: 'other' });
  if (!isOurs(text, message.get('id'), filter)) return failure('a result answers another id than the request');
  return filterResult(text, result, filter);
};

const parseRoot = (text: string): Result<Span, string> => {
  try {
    JSON.parse(text);
  } catch {
    return failure('a message is not valid JSON');
  }
  const root = rootSpan(text);
  const kind = kindOf(text, root);
  if (kind === 'object') return success(root);
  return failure(kind === 'array' ? 'the answer is a batch' : 'a message is not a JSON object');
};

const isOurs = (text: string, id: Span | undefined, { id: ours }: MessageFilter): boolean =>
  id !== undefined &&
  kindOf(text, id) !== 'object' &&
  kindOf(text, id) !== 'array' &&
  JSON.parse(textOf(text, id)) === ours;

/** Errors may come without an id (`null`): the server could not read it. */
const readError = (
  text: string,
  { error, id, filter }: { readonly error: Span; readonly id: Span | undefined; readonly filter: MessageFilter },
): Result<FilteredMessage, string> => {
  if (kindOf(text, error) !== 'object') return failure('an error is not an object');
  const isUnnamed = id === undefined || textOf(text, id) === 'null';
  return isUnnamed || isOurs(text, id, filter)
    ? success({ kind: 'error' })
    : failure('an error answers another id than the request');
};

const filterResult = (text: string, result: Span, filter: MessageFilter): Result<FilteredMessage, string> => {
  const shape = shapes[filter.itemKind];
  if (kindOf(text, result) !== 'object') return failure('the result is not an object');
  const members = membersOf(text, result);
  if (!members.ok) return members;
  const list = members.value.get(shape.list);
  if (list === undefined || kindOf(text, list) !== 'array') return failure(`the result has no list of ${shape.list}`);
  const items = elementsOf(text, list);
  const names = readNames(text, items, shape.key);
  if (!names.ok) return names;
  const kept = items.filter((_, index) => filter.mayUse(filter.itemKind, names.value[index] ?? ''));
  const label = filter.era === 'modern' ? markPrivate(text, { result, members: members.value }) : success([]);
  if (!label.ok) return label;
  const cut =
    kept.length === items.length ? [] : [{ ...list, text: `[${kept.map((item) => textOf(text, item)).join(',')}]` }];
  return success({
    kind: 'answer',
    text: applyEdits(text, [...cut, ...label.value]),
    result: textOf(text, result),
    kept: kept.length,
    total: items.length,
  });
};

/** Two items of one name are a server's confusion or an attack (shadowing): which of them a client would call is unknown. */
const readNames = (text: string, items: readonly Span[], key: string): Result<readonly string[], string> => {
  const names = new Set<string>();
  for (const item of items) {
    if (kindOf(text, item) !== 'object') return failure('an item is not an object');
    const members = membersOf(text, item);
    if (!members.ok) return members;
    const name = members.value.get(key);
    if (name === undefined || kindOf(text, name) !== 'string') return failure(`an item has no ${key}`);
    const read = stringAt(text, name);
    if (names.has(read)) return failure(`two items have the same ${key}`);
    names.add(read);
  }
  return success([...names]);
};

/** What this caller may see is no other caller's (caching.mdx §Cache Scope), and is not kept for long. */
const markPrivate = (
  text: string,
  { result, members }: { readonly result: Span; readonly members: ReadonlyMap<string, Span> },
): Result<readonly Edit[], string> => {
  const scope = members.get('cacheScope') ?? { start: result.end - 1, end: result.end - 1 };
  const label = members.has('cacheScope') ? '"private"' : ',"cacheScope":"private"';
  const edits = members.has('cacheScope') && textOf(text, scope) === label ? [] : [{ ...scope, text: label }];
  const ttl = members.get('ttlMs');
  if (ttl === undefined) return success(edits);
  const milliseconds: unknown = JSON.parse(textOf(text, ttl));
  if (typeof milliseconds !== 'number') return failure('ttlMs is not a number');
  return success(milliseconds > MAX_TTL_MS ? [...edits, { ...ttl, text: String(MAX_TTL_MS) }] : edits);
};
