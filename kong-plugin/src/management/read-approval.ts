import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { isJsonObject, ownValue } from '../domain/json/json-value.ts';
import { readJson } from '../domain/json/read-json.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { problem, type Reply } from './problem.ts';

/** A hash and a few braces. */
const MAX_BODY_BYTES = 4_096;

/** The hash that an operator looked at and approves. */
export const readApproval = async (request: IncomingMessage): Promise<Result<string, Reply>> => {
  const mediaType = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json')
    return failure(problem('unsupported_media_type', 'Send the body as application/json.'));
  const body = await readBody(request);
  if (body === undefined) return failure(tooLarge());
  const read = readJson(body, { maxDepth: 4 });
  if (!read.ok) return failure(problem('bad_request', read.error.detail));
  const { value } = read.value;
  const hash = isJsonObject(value) && Object.keys(value).length === 1 ? ownValue(value, 'hash') : undefined;
  if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash))
    return failure(
      problem('bad_request', 'Send {"hash": "..."} with the currentHash of the tool, 64 characters from 0-9 and a-f.'),
    );
  return success(hash);
};

const tooLarge = (): Reply =>
  // The rest of the body is not read, so the connection cannot be used again.
  problem('too_large', `The body has more than ${MAX_BODY_BYTES} bytes.`, { headers: { connection: 'close' } });

const readBody = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // A plain `for await` would destroy the socket on return, and the sender would never see the 413.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};
