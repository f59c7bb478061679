import { hostHeaderValidation, localhostOriginValidation } from '@modelcontextprotocol/node';
import { createRequestStateCodec, InMemoryServerEventBus } from '@modelcontextprotocol/server';
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { closeServer, listen } from '../http/listen.ts';
import { type BodyResult, readJsonBody } from '../http/read-json-body.ts';
import { type ReceivedRequest, ReceivedRequests } from '../http/received-requests.ts';
import { buildMcpServer } from './build-mcp-server.ts';
import { CallLog, type RecordedCall } from './call-log.ts';
import { CommerceStore } from './commerce-store.ts';
import type { DemoContext } from './demo-context.ts';
import { McpEndpoint } from './mcp-endpoint.ts';
import { sendRpcError } from './send-rpc-error.ts';

export interface DemoMcpServerOptions {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host?: string;
  /** `Host` names to accept besides the loopback ones, for a container network. */
  readonly allowedHosts?: readonly string[];
}

export interface DemoMcpServer {
  /** All tools: the business tools and the fixtures of the conformance suites. */
  readonly url: string;
  /** The business tools only, for a catalog that people look at. */
  readonly businessUrl: string;
  /** Tool calls that were executed, the oldest first. A call the gateway refused is not here. */
  readonly calls: readonly RecordedCall[];
  /** HTTP requests that arrived, with their headers, whether or not they were executed. */
  readonly requests: readonly ReceivedRequest[];
  /** Executions of one tool, or of all, since the start. */
  countCalls(tool?: string): number;
  /** From now on the tool describes itself so, as a server does after a bad update or a takeover. */
  changeDescription(tool: string, description: string): void;
  close(): Promise<void>;
}

/** What the SDK takes by default; the gateway's own limit is lower. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];

export async function startDemoMcpServer(options: DemoMcpServerOptions): Promise<DemoMcpServer> {
  const { port, host = '127.0.0.1', allowedHosts = [] } = options;
  const context = createContext();
  const received = new ReceivedRequests();
  const endpoints = new Map([
    ['/mcp', createEndpoint(context, { fixtures: true })],
    ['/commerce/mcp', createEndpoint(context, { fixtures: false })],
  ]);
  const handle = createRequestHandler({ endpoints, received, hosts: [...loopbackHosts, ...allowedHosts] });
  const server = createServer((request, response) => void handle(request, response));
  const origin = await listen(server, { port, host });
  return {
    url: `${origin}/mcp`,
    businessUrl: `${origin}/commerce/mcp`,
    calls: context.calls.calls,
    requests: received.all,
    countCalls: (tool) => context.calls.count(tool),
    changeDescription: (tool, description) => void context.descriptions.set(tool, description),
    close: async () => {
      await Promise.all([...endpoints.values()].map((endpoint) => endpoint.close()));
      await closeServer(server);
    },
  };
}

function createContext(): DemoContext {
  return {
    store: new CommerceStore(),
    calls: new CallLog(),
    descriptions: new Map(),
    bus: new InMemoryServerEventBus(),
    roundState: createRequestStateCodec({ key: randomBytes(32) }),
  };
}

function createEndpoint(context: DemoContext, options: { readonly fixtures: boolean }): McpEndpoint {
  return new McpEndpoint({ build: () => buildMcpServer(context, options), bus: context.bus });
}

interface RequestHandlerOptions {
  readonly endpoints: ReadonlyMap<string, McpEndpoint>;
  readonly received: ReceivedRequests;
  readonly hosts: string[];
}

function createRequestHandler({ endpoints, received, hosts }: RequestHandlerOptions) {
  const acceptsHost = hostHeaderValidation(hosts);
  const acceptsOrigin = localhostOriginValidation();
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const body = await readJsonBody(request, { maxBytes: MAX_BODY_BYTES });
      received.add(request, body.state === 'json' ? body.value : undefined);
      // Both answer 403 themselves.
      if (!acceptsHost(request, response) || !acceptsOrigin(request, response)) return;
      if (request.url === '/health') return sendHealth(response);
      const endpoint = endpoints.get((request.url ?? '').split('?', 1)[0] ?? '');
      if (endpoint === undefined) return sendRpcError(response, { status: 404, code: -32600, message: 'Not found' });
      if (refuseBody(response, body)) return;
      await endpoint.handle(request, response, body.state === 'json' ? body.value : undefined);
    } catch {
      // The client hung up, or a handler has a bug; there may be nobody to tell.
      if (response.headersSent) response.destroy();
      else sendRpcError(response, { status: 500, code: -32603, message: 'Internal server error' });
    }
  };
}

/** True when the body was refused, and the response is sent. */
function refuseBody(response: ServerResponse, body: BodyResult): boolean {
  if (body.state === 'too_large') {
    sendRpcError(response, { status: 413, code: -32600, message: 'Body too large' });
    return true;
  }
  if (body.state === 'malformed') {
    sendRpcError(response, { status: 400, code: -32700, message: 'Parse error' });
    return true;
  }
  return false;
}

function sendHealth(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end('{"status":"ok"}');
}
