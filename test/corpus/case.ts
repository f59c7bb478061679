import type { ItemKind } from '../../kong-plugin/src/domain/call.ts';
import type { Reason } from '../../kong-plugin/src/domain/reason.ts';

export type Consumer = 'acme-support' | 'acme-billing' | 'globex-agent';
export type Sender = Consumer | 'nobody';

/** One request, as bytes: whatever is not said here is not sent, except `Host`, the key of the sender and the body's length. */
export interface CorpusRequest {
  readonly method: string;
  /** Path and query as they stand in the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** Send the body in chunks instead of announcing its length. */
  readonly isChunked?: boolean;
  /** Sends the `Mcp-Session-Id` of a session that this consumer has opened, changed or not. */
  readonly session?: { readonly of: Consumer; readonly change?: (id: string) => string };
  /** Where the sender's key goes; the `apikey` header when left out. */
  readonly keyIn?: 'header' | 'query' | 'nowhere';
}

export type ExpectedBody = { readonly exactly: unknown } | { readonly including: object };

export interface Expectation {
  readonly decision: 'allow' | 'deny';
  readonly reason?: Reason;
  /** What the record says: the rule that decided, the kind of call, and the tool or operation. */
  readonly rule: string;
  readonly kind: string;
  readonly tool?: string;
  /** Of the reply; for what reaches the server, of its answer. */
  readonly status: number;
  readonly body?: ExpectedBody;
  readonly reachesServer: boolean;
  /** What a list shows, in any order. */
  readonly shows?: { readonly kind: ItemKind; readonly names: readonly string[] };
  /** What the server must and must not receive. */
  readonly serverSees?: ServerSees;
}

export interface ServerSees {
  readonly without?: readonly string[];
  readonly with?: Readonly<Record<string, string>>;
  /** Query of the forwarded request. */
  readonly query?: string;
}

/** Kong, or its auth plugin, answers before the plugin is asked. */
export interface BeforeGovernance {
  readonly why: string;
  readonly status: number;
  /** No route matches, or the HTTP parser refuses: nothing is governed and nothing recorded. */
  readonly isRecorded: boolean;
}

export interface CorpusCase {
  readonly name: string;
  readonly as: Sender;
  readonly to: 'mcp' | 'rest';
  /** Requests that come first; each must be allowed. */
  readonly after?: readonly { readonly as: Consumer; readonly request: CorpusRequest }[];
  readonly request: CorpusRequest;
  readonly expect: Expectation;
  readonly atGateway?: BeforeGovernance;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export const MCP_PATH = '/mcp/orders';
export const MODERN_VERSION = '2026-07-28';
export const VERSION_CLAIM = 'io.modelcontextprotocol/protocolVersion';

const defined = (headers: Headers): CorpusRequest['headers'] =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );

/** A POST to the MCP endpoint. A header given as undefined is not sent. */
export const post = (body: string | Uint8Array | object, headers: Headers = {}): CorpusRequest => ({
  method: 'POST',
  target: MCP_PATH,
  headers: defined({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...headers,
  }),
  body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
});

/** A legacy request with id 7. */
export const legacy = (method: string, params?: object, headers: Headers = {}): CorpusRequest =>
  post({ jsonrpc: '2.0', id: 7, method, ...(params === undefined ? {} : { params }) }, headers);

export const modernMeta = {
  [VERSION_CLAIM]: MODERN_VERSION,
  'io.modelcontextprotocol/clientInfo': { name: 'corpus', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A modern request with id 7, whose headers agree with its body unless told otherwise. */
export const modern = (
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  headers: Headers = {},
): CorpusRequest => {
  const subject = params['name'] ?? params['uri'] ?? params['taskId'];
  return post(
    { jsonrpc: '2.0', id: 7, method, params: { _meta: modernMeta, ...params } },
    {
      'mcp-protocol-version': MODERN_VERSION,
      'mcp-method': method,
      ...(typeof subject === 'string' ? { 'mcp-name': subject } : {}),
      ...headers,
    },
  );
};

/** The tool that kong.yml denies to everybody, and that a rule of acme-billing names all the same. */
export const deleteOrder = { name: 'delete_order', arguments: { orderId: 'ord-1001' } };
export const searchOrders = { name: 'search_orders', arguments: { query: 'Espresso', limit: 1 } };

export const inSession = (request: CorpusRequest, of: Consumer, change?: (id: string) => string): CorpusRequest => ({
  ...request,
  session: { of, ...(change === undefined ? {} : { change }) },
});

/** A request to the REST API. */
export const rest = (
  method: string,
  target: string,
  options: { readonly headers?: Headers; readonly body?: string | Uint8Array | object } = {},
): CorpusRequest => {
  const { body, headers = {} } = options;
  const request = { method, target: `/commerce${target}` };
  if (body === undefined) return { ...request, headers: defined(headers) };
  return {
    ...request,
    headers: defined({ 'content-type': 'application/json', ...headers }),
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  };
};

/** Everything that the demo MCP server lists on its business URL. */
export const demoItems: Readonly<Record<ItemKind, readonly string[]>> = {
  tool: ['create_invoice', 'search_orders', 'delete_order', 'generate_report', 'confirm_refund'],
  prompt: ['refund_reply'],
  resource: ['orders://summary'],
  resourceTemplate: ['orders://order/{id}'],
};
