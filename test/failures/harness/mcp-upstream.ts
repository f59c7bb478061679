import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedCall {
  readonly httpMethod: string;
  readonly path: string;
  /** JSON-RPC method; undefined when the body is no JSON-RPC message. */
  readonly method: string | undefined;
  readonly tool: string | undefined;
  readonly id: unknown;
  readonly bodyBytes: number;
  readonly bodySha256: string;
}

/** Answers one request in place of the default. */
export type Answer = (call: ReceivedCall, outgoing: ServerResponse, incoming: IncomingMessage) => void;

export interface McpUpstream {
  readonly url: string;
  /** Everything that reached the server, in order: nothing unguarded may be in it. */
  readonly received: readonly ReceivedCall[];
  /** How many requests named the tool. */
  callsOf(tool: string): number;
  answerWith(answer: Answer | undefined): void;
  close(): Promise<void>;
}

/** `delete_order` is what no caller may see or call. */
export const listedTools = ['search_orders', 'delete_order'] as const;

/** An MCP server as far as the gateway can tell; it counts what reaches it. */
export const startMcpUpstream = async (): Promise<McpUpstream> => {
  const received: ReceivedCall[] = [];
  let answer: Answer | undefined;
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const call = readCall(incoming, Buffer.concat(chunks));
      received.push(call);
      (answer ?? answerPlainly)(call, outgoing, incoming);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    callsOf: (tool) => received.filter((call) => call.tool === tool).length,
    answerWith: (next) => {
      answer = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

export const answerPlainly: Answer = (call, outgoing) => {
  if (call.id === undefined) {
    outgoing.writeHead(202).end();
    return;
  }
  outgoing.writeHead(200, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify({ jsonrpc: '2.0', id: call.id, result: resultOf(call) }));
};

export const resultOf = ({ method, tool }: Pick<ReceivedCall, 'method' | 'tool'>): object =>
  method === 'tools/list'
    ? { tools: listedTools.map((name) => ({ name, inputSchema: { type: 'object' } })) }
    : { content: [{ type: 'text', text: `done: ${tool ?? method ?? 'nothing'}` }] };

const readCall = (incoming: IncomingMessage, body: Buffer): ReceivedCall => {
  const message = parse(body);
  return {
    httpMethod: incoming.method ?? '',
    path: incoming.url ?? '',
    method: message?.method,
    tool: message?.params?.name,
    id: message?.id,
    bodyBytes: body.length,
    bodySha256: createHash('sha256').update(body).digest('hex'),
  };
};

interface ReadMessage {
  readonly method?: string;
  readonly params?: { readonly name?: string };
  readonly id?: unknown;
}

const parse = (body: Buffer): ReadMessage | undefined => {
  try {
    return JSON.parse(body.toString('utf8')) as ReadMessage;
  } catch {
    return undefined;
  }
};
