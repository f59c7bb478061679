import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import type { McpServer, ServerEvent, ServerEventBus } from '@modelcontextprotocol/server';
import { isInitializeRequest } from '@modelcontextprotocol/server';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { InMemoryEventStore } from './in-memory-event-store.ts';
import { sendRpcError } from './send-rpc-error.ts';

/** Many clients never end their session; past this number the oldest session is closed. */
const MAX_SESSIONS = 1_000;

/** How soon a client should come back for an answer whose stream was closed (SEP-1699). */
const RETRY_MILLISECONDS = 500;

interface LegacySession {
  readonly server: McpServer;
  readonly transport: NodeStreamableHTTPServerTransport;
  readonly stopListening: () => void;
}

export interface LegacySessionsOptions {
  readonly build: () => McpServer;
  readonly bus: ServerEventBus;
}

/** Serves the revisions up to 2025-11-25: one McpServer for each `Mcp-Session-Id`, its GET stream and its event store. */
export class LegacySessions {
  readonly #sessions = new Map<string, LegacySession>();
  readonly #options: LegacySessionsOptions;

  constructor(options: LegacySessionsOptions) {
    this.#options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void> {
    const sessionId = request.headers['mcp-session-id'];
    if (typeof sessionId === 'string') {
      const session = this.#sessions.get(sessionId);
      if (session === undefined)
        return sendRpcError(response, { status: 404, code: -32001, message: 'Session not found' });
      return session.transport.handleRequest(request, response, body);
    }
    if (!isInitializeRequest(body)) {
      return sendRpcError(response, { status: 400, code: -32000, message: 'Bad Request: Session ID required' });
    }
    const transport = await this.#open();
    await transport.handleRequest(request, response, body);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(({ server }) => server.close()));
  }

  async #open(): Promise<NodeStreamableHTTPServerTransport> {
    const server = this.#options.build();
    const stopListening = forwardChanges(server, this.#options.bus);
    const transport: NodeStreamableHTTPServerTransport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: new InMemoryEventStore(),
      retryInterval: RETRY_MILLISECONDS,
      onsessioninitialized: (id) => this.#remember(id, { server, transport, stopListening }),
    });
    transport.onclose = () => {
      stopListening();
      if (transport.sessionId !== undefined) this.#sessions.delete(transport.sessionId);
    };
    await server.connect(transport);
    return transport;
  }

  async #remember(id: string, session: LegacySession): Promise<void> {
    this.#sessions.set(id, session);
    if (this.#sessions.size <= MAX_SESSIONS) return;
    const oldest = this.#sessions.values().next();
    if (oldest.done !== true) await oldest.value.server.close();
  }
}

/** Announces changes on the session's GET stream: lists to everyone, a resource to those who subscribed to it. */
function forwardChanges(server: McpServer, bus: ServerEventBus): () => void {
  const subscribed = new Set<string>();
  server.server.setRequestHandler('resources/subscribe', ({ params }) => {
    subscribed.add(params.uri);
    return {};
  });
  server.server.setRequestHandler('resources/unsubscribe', ({ params }) => {
    subscribed.delete(params.uri);
    return {};
  });
  return bus.subscribe((event) => {
    if (event.kind === 'resource_updated' && !subscribed.has(event.uri)) return;
    // A session whose client has gone cannot be told, and need not be.
    announce(server, event).catch(() => undefined);
  });
}

async function announce(server: McpServer, event: ServerEvent): Promise<void> {
  switch (event.kind) {
    case 'tools_list_changed':
      return server.server.sendToolListChanged();
    case 'prompts_list_changed':
      return server.server.sendPromptListChanged();
    case 'resources_list_changed':
      return server.server.sendResourceListChanged();
    case 'resource_updated':
      return server.server.sendResourceUpdated({ uri: event.uri });
  }
}
