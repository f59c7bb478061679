import { createHash } from 'node:crypto';
import { canonicalJson } from '../json/canonical-json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/json-value.ts';

/** What a model reads or obeys. Icons, `_meta` and fields of later revisions may change without a new approval. */
const pinnedFields = ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const;

/** The part of a listed tool that is pinned; absent fields stay absent, so `null` and absent are two definitions. */
export const pinnedDefinition = (tool: JsonObject): JsonObject =>
  Object.fromEntries(
    pinnedFields.flatMap((field) => {
      const value = Object.hasOwn(tool, field) ? tool[field] : undefined;
      return value === undefined ? [] : [[field, value] as const];
    }),
  );

/** The RFC 8785 text that is hashed. */
export const canonicalDefinition = (definition: JsonValue): string =>
  canonicalJson(isJsonObject(definition) ? pinnedDefinition(definition) : definition);

/** Hex SHA-256 of the canonical definition: equal however the server orders its keys or writes its numbers. */
export const toolHash = (definition: JsonValue): string => hashText(canonicalDefinition(definition));

export const hashText = (canonical: string): string => createHash('sha256').update(canonical).digest('hex');
