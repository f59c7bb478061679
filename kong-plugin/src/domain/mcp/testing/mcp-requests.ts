import { buildRequest, type HeaderValues } from '../../http/testing/build-request.ts';
import type { HttpRequest } from '../../http-request.ts';
import type { McpOptions, ReaderLimits } from '../../server-config.ts';
import type { ReadMcpOptions } from '../read-message.ts';

export const limits: ReaderLimits = { maxBodyBytes: 65_536, maxDepth: 64 };

export const mcpOptions: McpOptions = {
  toolNames: 'strict',
  unknownMethods: 'deny',
  getStreams: 'allow',
  taskLists: 'deny',
};

export const readOptions: ReadMcpOptions = { limits, mcp: mcpOptions };

export const VERSION_CLAIM = 'io.modelcontextprotocol/protocolVersion';

const postHeaders: HeaderValues = {
  host: 'gateway.example',
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

/** A POST of the body as given: a string as it is, anything else as JSON. */
export const post = (body: unknown, headers: HeaderValues = {}): HttpRequest =>
  buildRequest('POST', {
    headers: { ...postHeaders, ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });

/** A legacy request with id 7. */
export const legacy = (method: string, params?: object, headers: HeaderValues = {}): HttpRequest =>
  post({ jsonrpc: '2.0', id: 7, method, ...(params === undefined ? {} : { params }) }, headers);

/** A modern request with id 7, whose headers agree with its body. */
export const modern = (
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  headers: HeaderValues = {},
): HttpRequest => {
  const subject = params.name ?? params.uri ?? params.taskId;
  const meta = { [VERSION_CLAIM]: '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} };
  return post(
    { jsonrpc: '2.0', id: 7, method, params: { _meta: meta, ...params } },
    {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof subject === 'string' ? { 'mcp-name': subject } : {}),
      ...headers,
    },
  );
};

/** The same request without one of its headers. */
export const without = (request: HttpRequest, header: string): HttpRequest => ({
  ...request,
  headers: new Map([...request.headers].filter(([name]) => name !== header)),
});
