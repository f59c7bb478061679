import type { Call, Message } from './call.ts';
import type { JsonObject } from './json/json-value.ts';
import type { ServerConfig } from './server-config.ts';

/** What somebody wants of a server. A tool of a REST API is one of its operations. */
export interface Item {
  readonly kind: 'tool' | 'prompt' | 'resource';
  readonly name: string;
}

/** The call that asks for the item, as the reader would have read it. Undefined: a REST API without such an operation. */
export const toCall = (item: Item, { server, rest }: ServerConfig, sent: JsonObject = {}): Call | undefined => {
  if (server.kind === 'rest') {
    const operation = item.kind === 'tool' ? rest.operations.find(({ name }) => name === item.name) : undefined;
    return operation === undefined ? undefined : { kind: 'operation', ...operation, arguments: sent };
  }
  switch (item.kind) {
    case 'tool':
      return { kind: 'tool', method: 'tools/call', name: item.name, arguments: sent, isRetry: false };
    case 'prompt':
      return { kind: 'prompt', method: 'prompts/get', name: item.name, arguments: sent };
    case 'resource':
      return { kind: 'resource', method: 'resources/read', uri: item.name };
  }
};

/** A message of the latest revision that has sessions; the rules do not look at it. */
export const toMessage = (call: Call): Message => ({
  call,
  era: call.kind === 'operation' ? 'rest' : 'legacy',
  isResumed: false,
  headersToStrip: [],
  ...(call.kind === 'operation' ? {} : { id: 1 }),
});
