import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { closeServer, listen } from '../http/listen.ts';
import { type BodyResult, readJsonBody } from '../http/read-json-body.ts';
import { type ReceivedRequest, ReceivedRequests } from '../http/received-requests.ts';
import { buildOpenApiDocument } from './build-openapi-document.ts';
import { failure, type Reply } from './operation.ts';
import { operations } from './operations.ts';
import { RestStore } from './rest-store.ts';
import { routeRequest } from './route-request.ts';

export interface DemoRestApiOptions {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host?: string;
}

export interface DemoRestApi {
  readonly url: string;
  /** HTTP requests that arrived. A call the gateway refused is not here. */
  readonly requests: readonly ReceivedRequest[];
  close(): Promise<void>;
}

/** Far more than a payment needs. */
const MAX_BODY_BYTES = 64 * 1024;

export async function startDemoRestApi({ port, host = '127.0.0.1' }: DemoRestApiOptions): Promise<DemoRestApi> {
  const store = new RestStore();
  const received = new ReceivedRequests();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const body = await readJsonBody(request, { maxBytes: MAX_BODY_BYTES });
      received.add(request, body.state === 'json' ? body.value : undefined);
      send(response, answer(store, { request, body }));
    } catch {
      // The client hung up while it sent its body.
      response.destroy();
    }
  };
  const server = createServer((request, response) => void handle(request, response));
  const url = await listen(server, { port, host });
  return { url, requests: received.all, close: () => closeServer(server) };
}

interface Incoming {
  readonly request: IncomingMessage;
  readonly body: BodyResult;
}

function answer(store: RestStore, { request, body }: Incoming): Reply & { readonly allow?: string } {
  const { method = 'GET', url = '/' } = request;
  const [path = '/', query = ''] = url.split('?', 2);
  if (path === '/health') return { status: 200, body: { status: 'ok' } };
  if (path === '/openapi.json') return { status: 200, body: buildOpenApiDocument(operations) };
  const route = routeRequest(operations, { method, path });
  if (route.state === 'unknown_path') return failure(404, { code: 'not_found', message: 'There is no such path.' });
  if (route.state === 'wrong_method') {
    const allow = route.allow.join(', ');
    return { ...failure(405, { code: 'method_not_allowed', message: `Allowed: ${allow}.` }), allow };
  }
  const refusal = refuseBody(request, body);
  if (refusal !== undefined) return refusal;
  const parsedBody = body.state === 'json' ? body.value : undefined;
  return route.operation.run(store, {
    id: route.id,
    query: Object.fromEntries(new URLSearchParams(query)),
    body: parsedBody,
  });
}

function refuseBody(request: IncomingMessage, body: BodyResult): Reply | undefined {
  if (body.state === 'too_large') return failure(413, { code: 'too_large', message: 'At most 64 KiB are read.' });
  if (body.state === 'malformed') return failure(400, { code: 'invalid_json', message: 'The body is not JSON.' });
  const mediaType = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (body.state === 'json' && mediaType !== 'application/json') {
    return failure(415, { code: 'unsupported_media_type', message: 'Send application/json.' });
  }
  return undefined;
}

function send(response: ServerResponse, { status, body, allow }: Reply & { readonly allow?: string }): void {
  response.writeHead(status, {
    ...(allow !== undefined && { allow }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
