import { Buffer } from 'node:buffer';
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../json/json-value.ts';
import { readJson } from '../json/read-json.ts';
import { failure, success, type Result } from '../result.ts';
import { pinnedDefinition } from './tool-hash.ts';

/** One page of `tools/list`, as the server sent it to the gateway: unfiltered. */
export interface ListedTools {
  /** The pinned part of each tool, in the server's order. */
  readonly definitions: readonly NamedDefinition[];
  /** No further page follows. */
  readonly isLast: boolean;
  /** Opaque; "" is a valid cursor. */
  readonly nextCursor?: string;
}

export interface NamedDefinition extends JsonObject {
  readonly name: string;
}

/** Twice what the specification recommends for names (tools.mdx, Tool Names); what is longer is an attack on a table. */
const MAX_NAME_LENGTH = 256;

/** As deep as request bodies may be; `canonicalJson` recurses. */
const MAX_DEPTH = 64;

/**
 * Reads the text of a `tools/list` result strictly. A key twice in one object is refused: the gateway would hash one of
 * the values, and a client in another language show the other to its model.
 */
export const readListResult = (text: string): Result<ListedTools, string> => {
  const read = readJson(Buffer.from(text), { maxDepth: MAX_DEPTH });
  return read.ok ? readDefinitions(read.value.value) : failure(`the list is not read: ${read.error.detail}`);
};

/** The tools of a `tools/list` result that was parsed strictly and to a bounded depth. */
export const readDefinitions = (result: JsonValue): Result<ListedTools, string> => {
  if (!isJsonObject(result)) return failure('the result is not an object');
  const tools = ownValue(result, 'tools');
  if (!Array.isArray(tools)) return failure('the result has no list of tools');
  const definitions: NamedDefinition[] = [];
  const names = new Set<string>();
  for (const tool of tools as readonly JsonValue[]) {
    const definition = readDefinition(tool);
    if (!definition.ok) return definition;
    if (names.has(definition.value.name)) return failure('two tools have the same name');
    names.add(definition.value.name);
    definitions.push(definition.value);
  }
  return success({ definitions, ...readCursor(result) });
};

const readDefinition = (tool: JsonValue): Result<NamedDefinition, string> => {
  if (!isJsonObject(tool)) return failure('a tool is not an object');
  const name = ownValue(tool, 'name');
  if (typeof name !== 'string' || name === '') return failure('a tool has no name');
  if (name.length > MAX_NAME_LENGTH) return failure(`a tool name has more than ${MAX_NAME_LENGTH} characters`);
  return success({ ...pinnedDefinition(tool), name });
};

/** A cursor that is not text cannot be followed, but it does say that this is not the whole list. */
const readCursor = (result: JsonObject): Pick<ListedTools, 'isLast' | 'nextCursor'> => {
  const cursor = ownValue(result, 'nextCursor');
  if (cursor === undefined) return { isLast: true };
  return { isLast: false, ...(typeof cursor === 'string' ? { nextCursor: cursor } : {}) };
};
