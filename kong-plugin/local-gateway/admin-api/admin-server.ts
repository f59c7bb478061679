import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Entities } from '../declarative-config/entities.ts';
import type { ConfigIssues } from '../declarative-config/read-declarative.ts';
import type { PluginSchema } from '../declarative-config/plugin-schema.ts';
import type { Result } from '../../src/domain/result.ts';
import { closeServer, listen } from '../proxy/listen.ts';
import { SERVER_NAME } from '../proxy/upstream-headers.ts';
import { answerAdmin } from './answer-admin.ts';

/** What the Admin API asks of the gateway. */
export interface AdminRuntime {
  readonly entities: Entities;
  readonly nodeId: string;
  readonly schemas: ReadonlyMap<string, PluginSchema>;
  readText(text: string): Result<Entities, ConfigIssues>;
  read(config: { readonly declarative: object }): Result<Entities, ConfigIssues>;
  load(entities: Entities): void;
}

export interface AdminServerOptions {
  readonly host: string;
  readonly port: number;
  readonly runtime: AdminRuntime;
}

/** nginx_admin_client_max_body_size of Kong. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

export const startAdminServer = async (
  options: AdminServerOptions,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> => {
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing, options.runtime));
  const port = await listen(server, { ...options, setting: '--admin-port or KONG_ADMIN_PORT' });
  return { port, close: () => closeServer(server) };
};

const serve = async (incoming: IncomingMessage, outgoing: ServerResponse, runtime: AdminRuntime): Promise<void> => {
  const startedAt = Date.now();
  const body = await readBody(incoming).catch(() => undefined);
  const { status, content } =
    body === undefined
      ? { status: 413, content: { message: 'Payload too large' } }
      : answerAdmin(
          {
            method: incoming.method ?? 'GET',
            target: incoming.url ?? '/',
            type: incoming.headers['content-type'] ?? '',
            body,
          },
          runtime,
        );
  const text = content === undefined ? '' : JSON.stringify(content);
  outgoing.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Access-Control-Allow-Origin': incoming.headers.origin ?? '*',
    'Content-Length': Buffer.byteLength(text),
    'X-Kong-Admin-Latency': String(Date.now() - startedAt),
    Server: SERVER_NAME,
  });
  outgoing.end(incoming.method === 'HEAD' ? '' : text);
};

const readBody = async (incoming: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};
