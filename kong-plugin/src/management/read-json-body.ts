import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { JsonValue } from '../domain/json/json-value.ts';
import { readJson } from '../domain/json/read-json.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { problem, type Reply } from './problem.ts';

/** Deeper than anything this API takes. */
const MAX_DEPTH = 4;

/** A small JSON body, or the reply that refuses it. */
export const readJsonBody = async (
  request: IncomingMessage,
  { maxBytes }: { readonly maxBytes: number },
): Promise<Result<JsonValue, Reply>> => {
  const mediaType = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json')
    return failure(problem('unsupported_media_type', 'Send the body as application/json.'));
  const body = await readBody(request, maxBytes);
  if (body === undefined) return failure(tooLarge(maxBytes));
  const read = readJson(body, { maxDepth: MAX_DEPTH });
  return read.ok ? success(read.value.value) : failure(problem('bad_request', read.error.detail));
};

const tooLarge = (maxBytes: number): Reply =>
  // The rest of the body is not read, so the connection cannot be used again.
  problem('too_large', `The body has more than ${maxBytes} bytes.`, { headers: { connection: 'close' } });

const readBody = async (request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // A plain `for await` would destroy the socket on return, and the sender would never see the 413.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};
