import type { Call, ItemKind } from '../call.ts';
import type { JsonValue } from '../json/json-value.ts';
import type { ServerConfig } from '../server-config.ts';
import type { Situation } from './condition.ts';
import type { JudgeInput } from './policy.ts';

/** The call as conditions see it. */
export const situationOf = ({ message: { call }, now }: JudgeInput): Situation => ({
  phase: 'call',
  now,
  method: call.method,
  arguments: argumentsOf(call),
});

const noArguments: JsonValue = {};

const argumentsOf = (call: Call): JsonValue =>
  call.kind === 'tool' || call.kind === 'prompt' || call.kind === 'operation' ? call.arguments : noArguments;

/** The method that uses an item which a list shows. */
const listedMethods: Readonly<Record<ItemKind, string>> = {
  tool: 'tools/call',
  prompt: 'prompts/get',
  resource: 'resources/read',
  resourceTemplate: 'completion/complete',
};

/** Lists know who asks and when, but not the arguments; and a REST API's operation names do not tell the method. */
export const listSituation = (
  { server }: ServerConfig,
  { kind, now }: { readonly kind: ItemKind; readonly now: number },
): Situation => ({ phase: 'list', now, ...(server.kind === 'mcp' ? { method: listedMethods[kind] } : {}) });
