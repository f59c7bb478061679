import { Client, StreamableHTTPClientTransport, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { type ClientBehaviour, type Connect, observeFetch, type TestClient, toToolResult } from './test-client.ts';

/** The client of SDK v2; the mode decides which era it speaks. */
export function connectV2(mode: VersionNegotiationMode): Connect {
  return async ({ url, headers }, behaviour) => {
    const { fetch, httpMethods, getAccepted } = observeFetch();
    const client = new Client(
      { name: 'client-v2', version: '1.0.0' },
      { capabilities: { sampling: {}, elicitation: {} }, versionNegotiation: { mode } },
    );
    answerRequests(client, behaviour);
    const transport = new StreamableHTTPClientTransport(new URL(url), {
      requestInit: { headers: { ...headers } },
      fetch,
    });
    await client.connect(transport);
    const isModern = client.getProtocolEra() === 'modern';
    return {
      protocolVersion: client.getNegotiatedProtocolVersion(),
      sessionId: transport.sessionId,
      httpMethods,
      streamOpened: isModern ? Promise.resolve() : getAccepted,
      toolNames: async () => (await client.listTools()).tools.map((tool) => tool.name),
      call: async (name, input, { onProgress, signal } = {}) =>
        toToolResult(
          await client.callTool(
            { name, arguments: input },
            { ...(onProgress && { onprogress: onProgress }), ...(signal && { signal }) },
          ),
        ),
      ...readers(client),
      watch: isModern ? watchModern(client) : watchLegacy(client),
      terminate: () => transport.terminateSession(),
      close: () => client.close(),
    };
  };
}

function answerRequests(client: Client, behaviour: ClientBehaviour): void {
  client.setRequestHandler('elicitation/create', ({ params }) => behaviour.elicit(params.message));
  client.setRequestHandler('sampling/createMessage', ({ params }) => ({
    role: 'assistant',
    model: 'test-model',
    content: { type: 'text', text: behaviour.sample(params.messages) },
  }));
  client.setNotificationHandler('notifications/resources/updated', ({ params }) =>
    behaviour.resourceUpdated(params.uri),
  );
  client.setNotificationHandler('notifications/tools/list_changed', () => behaviour.toolsChanged());
}

function watchModern(client: Client): TestClient['watch'] {
  return async ({ resource, tools }) => {
    const subscription = await client.listen({
      ...(tools !== undefined && { toolsListChanged: tools }),
      ...(resource !== undefined && { resourceSubscriptions: [resource] }),
    });
    return () => subscription.close();
  };
}

function watchLegacy(client: Client): TestClient['watch'] {
  return async ({ resource }) => {
    if (resource !== undefined) await client.subscribeResource({ uri: resource });
    return async () => {
      if (resource !== undefined) await client.unsubscribeResource({ uri: resource });
    };
  };
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
