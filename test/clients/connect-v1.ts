import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { type ClientBehaviour, type Connect, observeFetch, type TestClient, toToolResult } from './test-client.ts';

/** The client of SDK v1, which knows the legacy era only. */
export const connectV1: Connect = async ({ url, headers }, behaviour) => {
  const { fetch, httpMethods, getAccepted } = observeFetch();
  const client = new Client(
    { name: 'client-v1', version: '1.0.0' },
    { capabilities: { sampling: {}, elicitation: {} } },
  );
  answerRequests(client, behaviour);
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { ...headers } },
    fetch,
  });
  await client.connect(transport);
  return {
    protocolVersion: transport.protocolVersion,
    sessionId: transport.sessionId,
    httpMethods,
    streamOpened: getAccepted,
    toolNames: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (name, input, { onProgress, signal } = {}) =>
      toToolResult(
        await client.callTool({ name, arguments: input }, undefined, {
          ...(onProgress && { onprogress: onProgress }),
          ...(signal && { signal }),
        }),
      ),
    ...readers(client),
    watch: async ({ resource }) => {
      if (resource !== undefined) await client.subscribeResource({ uri: resource });
      return async () => {
        if (resource !== undefined) await client.unsubscribeResource({ uri: resource });
      };
    },
    terminate: () => transport.terminateSession(),
    close: () => client.close(),
  };
};

function answerRequests(client: Client, behaviour: ClientBehaviour): void {
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => behaviour.elicit(params.message));
  client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => ({
    role: 'assistant',
    model: 'test-model',
    content: { type: 'text', text: behaviour.sample(params.messages) },
  }));
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) =>
    behaviour.resourceUpdated(params.uri),
  );
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => behaviour.toolsChanged());
}

function readers(client: Client): Pick<TestClient, 'readText' | 'promptText'> {
  return {
    readText: async (uri) => {
      const { contents } = await client.readResource({ uri });
      return contents.map((content) => ('text' in content ? content.text : '')).join('');
    },
    promptText: async (name, input) => {
      const { messages } = await client.getPrompt({ name, arguments: input });
      return messages.map(({ content }) => (content.type === 'text' ? content.text : '')).join('');
    },
  };
}
