import { Buffer } from 'node:buffer';
import { createServer, type IncomingMessage } from 'node:http';
import { closeServer, listen } from '../../kong-plugin/demo/http/listen.ts';

export interface CapturedRequest {
  readonly method: string;
  readonly target: string;
  /** As they came, repeated ones and all. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export interface CapturingServer {
  readonly url: string;
  readonly requests: readonly CapturedRequest[];
  close(): Promise<void>;
}

/** Keeps the bytes of every request, and answers each with the same JSON-RPC result, which a REST client may ignore. */
export const startCapturingServer = async (): Promise<CapturingServer> => {
  const requests: CapturedRequest[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const { method = '', url = '', rawHeaders } = request;
      requests.push({ method, target: url, rawHeaders, body });
      response.writeHead(200, { 'content-type': 'application/json', 'x-from': 'the server' });
      response.end('{"jsonrpc":"2.0","id":7,"result":{"content":[],"resultType":"complete"}}');
    });
  });
  const url = await listen(server, { port: 0, host: '127.0.0.1' });
  return { url, requests, close: () => closeServer(server) };
};

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
};
