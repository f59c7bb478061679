import type { IncomingMessage } from 'node:http';

/** nginx keeps 8 KB of body in memory (`client_body_buffer_size`), plus what came with the headers: measured 10,000 bytes. */
export const BODY_BUFFER_BYTES = 10_000;

export type BodyResult =
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'too_large' }
  /** The client went away before it had sent everything. */
  | { readonly kind: 'aborted' };

/** Reads the whole body, as Kong does before its plugins may look at it; `limit` 0 means none. */
export const readRequestBody = async (incoming: IncomingMessage, limit: number): Promise<BodyResult> => {
  const announced = Number(incoming.headers['content-length'] ?? 0);
  if (limit > 0 && announced > limit) return { kind: 'too_large' };
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (limit > 0 && size > limit) return { kind: 'too_large' };
      chunks.push(chunk);
    }
  } catch {
    return { kind: 'aborted' };
  }
  return { kind: 'body', bytes: Buffer.concat(chunks) };
};
