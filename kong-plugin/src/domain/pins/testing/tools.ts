import type { JsonObject, JsonValue } from '../../json/json-value.ts';
import type { Sighting } from '../pin-observer.ts';
import type { PinnedTool } from '../pinned-tool.ts';
import type { NamedDefinition } from '../read-definitions.ts';
import { toolHash } from '../tool-hash.ts';

export const noon = Date.UTC(2026, 10, 23, 12);

export const definition = (name: string, description = `Does ${name}.`, more: JsonObject = {}): NamedDefinition => ({
  name,
  description,
  inputSchema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
  ...more,
});

export const sighting = (definitions: readonly NamedDefinition[], view = 'alice'): Sighting => ({ definitions, view });

/** A list that had one page. */
export const wholeList = (definitions: readonly NamedDefinition[], view = 'alice'): Sighting => ({
  definitions,
  view,
  complete: new Set(definitions.map(({ name }) => name)),
});

export const pinned = (fields: Partial<PinnedTool> & { readonly definition: JsonValue }): PinnedTool => ({
  server: 'orders',
  tool: 'get_order',
  state: 'new',
  currentHash: toolHash(fields.definition),
  warnings: [],
  firstSeenAt: noon,
  ...fields,
});
