import type { ServerResponse } from 'node:http';

export interface RpcFailure {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

/** For a request whose id is not known: HTTP tells the error, the body only names it. */
export function sendRpcError(response: ServerResponse, { status, code, message }: RpcFailure): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null }));
}
