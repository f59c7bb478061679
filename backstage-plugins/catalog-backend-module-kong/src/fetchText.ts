import { failure, success, type Result } from './result';

export interface FetchOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly maxBytes: number;
}

/** Why there is no text. The sentence is stable, so that an unchanged failure changes no entity, and holds no secret. */
export type FetchFailure = { readonly kind: 'away' | 'refused' | 'unreadable'; readonly sentence: string };

/** GETs a text. Redirects are refused: the credential would follow them. */
export const fetchText = async (url: string, options: FetchOptions): Promise<Result<string, FetchFailure>> => {
  try {
    const response = await fetch(url, {
      headers: options.headers,
      redirect: 'error',
      signal: AbortSignal.timeout(options.timeoutSeconds * 1000),
    });
    if (response.ok) return await readBody(response, options.maxBytes);
    await response.body?.cancel();
    return failure({ kind: response.status >= 500 ? 'away' : 'refused', sentence: `answers ${response.status}` });
  } catch (error) {
    return failure({ kind: 'away', sentence: awaySentence(error, options.timeoutSeconds) });
  }
};

const readBody = async (response: Response, maxBytes: number): Promise<Result<string, FetchFailure>> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) return failure({ kind: 'unreadable', sentence: `is larger than ${maxBytes} bytes` });
    chunks.push(chunk);
  }
  return success(Buffer.concat(chunks).toString('utf8'));
};

const awaySentence = (error: unknown, timeoutSeconds: number): string =>
  error instanceof Error && error.name === 'TimeoutError'
    ? `does not answer within ${timeoutSeconds} s`
    : 'cannot be reached';
