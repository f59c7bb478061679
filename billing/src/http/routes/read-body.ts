import { Buffer } from 'node:buffer';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** The plugin sends 1 MiB at most, before compression. Eight times that is room for other senders of CloudEvents. */
export const MAX_BODY_BYTES = 8 * 1_048_576;

export type ReadBody =
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'unsupported_encoding' }
  /** The connection broke, or it is not gzip. */
  | { readonly kind: 'broken' };

const inflate = promisify(gunzip);

/** The body of a request, inflated. Neither as sent nor inflated does it ever take more than `MAX_BODY_BYTES`. */
export const readBody = async (request: Request): Promise<ReadBody> => {
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip') return { kind: 'unsupported_encoding' };
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) return { kind: 'too_large' };
  try {
    const sent = await readBounded(request);
    if (sent === undefined) return { kind: 'too_large' };
    const bytes = encoding === 'gzip' ? await inflate(sent, { maxOutputLength: MAX_BODY_BYTES }) : sent;
    return { kind: 'body', bytes };
  } catch (error) {
    return isTooLarge(error) ? { kind: 'too_large' } : { kind: 'broken' };
  }
};

const readBounded = async (request: Request): Promise<Uint8Array | undefined> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
