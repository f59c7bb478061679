import type { IncomingMessage } from 'node:http';

export type BodyResult =
  | { readonly state: 'empty' }
  | { readonly state: 'json'; readonly value: unknown }
  | { readonly state: 'too_large' }
  | { readonly state: 'malformed' };

/** Keeps at most `maxBytes`; the rest of a larger body is left to Node, which discards it when the answer is sent. */
export async function readJsonBody(
  request: IncomingMessage,
  { maxBytes }: { readonly maxBytes: number },
): Promise<BodyResult> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // A plain `for await` would destroy the socket on return, and the sender would never see the 413.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return { state: 'too_large' };
    chunks.push(chunk);
  }
  return bytes === 0 ? { state: 'empty' } : parse(Buffer.concat(chunks));
}

function parse(bytes: Buffer): BodyResult {
  try {
    return { state: 'json', value: JSON.parse(bytes.toString('utf8')) as unknown };
  } catch {
    return { state: 'malformed' };
  }
}
