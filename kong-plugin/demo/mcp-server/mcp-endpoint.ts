import { toNodeHandler } from '@modelcontextprotocol/node';
import { classifyInboundRequest, createMcpHandler } from '@modelcontextprotocol/server';
import type { McpHttpHandler, McpServer, ServerEventBus } from '@modelcontextprotocol/server';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LegacySessions } from './legacy-sessions.ts';

export interface McpEndpointOptions {
  readonly build: () => McpServer;
  readonly bus: ServerEventBus;
}

/** One URL for both eras: modern requests go to a fresh instance, everything else to a legacy session. */
export class McpEndpoint {
  readonly #modern: McpHttpHandler;
  readonly #serveModern: ReturnType<typeof toNodeHandler>;
  readonly #legacy: LegacySessions;

  constructor({ build, bus }: McpEndpointOptions) {
    this.#modern = createMcpHandler(() => build(), { legacy: 'reject', bus });
    this.#serveModern = toNodeHandler(this.#modern);
    this.#legacy = new LegacySessions({ build, bus });
  }

  async handle(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void> {
    if (isLegacy(request, body)) return this.#legacy.handle(request, response, body);
    // An `IncomingMessage` always has these two; the SDK's type wants them present or absent, not undefined.
    const { method = 'POST', url = '/' } = request;
    return this.#serveModern(Object.assign(request, { method, url }), response, body);
  }

  async close(): Promise<void> {
    await Promise.all([this.#modern.close(), this.#legacy.close()]);
  }
}

/** The classifier of the SDK itself, so that this branch and `createMcpHandler` cannot disagree. */
function isLegacy(request: IncomingMessage, body: unknown): boolean {
  const version = singleHeader(request, 'mcp-protocol-version');
  const method = singleHeader(request, 'mcp-method');
  const name = singleHeader(request, 'mcp-name');
  const route = classifyInboundRequest({
    httpMethod: request.method ?? 'GET',
    ...(version !== undefined && { protocolVersionHeader: version }),
    ...(method !== undefined && { mcpMethodHeader: method }),
    ...(name !== undefined && { mcpNameHeader: name }),
    body,
  });
  return route.kind === 'legacy';
}

function singleHeader(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
