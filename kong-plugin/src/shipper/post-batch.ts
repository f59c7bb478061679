import type { Buffer } from 'node:buffer';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { INVOCATION_BATCH_TYPE, INVOCATIONS_PATH } from '../domain/records/invocation-event.ts';
import type { HttpAnswer } from './read-answer.ts';

/** Where batches go. */
export interface ShipTarget {
  /** Without the path of the API. */
  readonly url: string;
  /** The node's credential. */
  readonly token: string;
}

export interface PostOptions extends ShipTarget {
  readonly lines: readonly string[];
  /** Milliseconds since the epoch: from the node's clock, the ledger learns how far it is off. */
  readonly now?: number;
  readonly signal: AbortSignal;
}

/** A receipt names at most the events of one batch. */
const MAX_ANSWER_BYTES = 1_048_576;

const compress = promisify(gzip);

/** One POST of a batch and its whole answer; rejects when there is none. */
export const postBatch = async ({ url, token, lines, now, signal }: PostOptions): Promise<HttpAnswer> => {
  // Records repeat their field names: the fastest level already makes them eight times smaller.
  const body: Buffer = await compress(lines.map((line) => `${line}\n`).join(''), { level: constants.Z_BEST_SPEED });
  const response = await fetch(addressOf(url), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': INVOCATION_BATCH_TYPE,
      'content-encoding': 'gzip',
      accept: 'application/json',
      ...(now === undefined ? {} : { date: new Date(now).toUTCString() }),
    },
    body,
    // The token belongs to the address that the operator wrote.
    redirect: 'manual',
    signal,
  });
  const retryAfter = response.headers.get('retry-after');
  const text = await readBounded(response);
  return { status: response.status, body: text, ...(retryAfter === null ? {} : { retryAfter }) };
};

const addressOf = (url: string): string => `${url.replace(/\/+$/, '')}${INVOCATIONS_PATH}`;

const readBounded = async (response: Response): Promise<string> => {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`the answer has more than ${MAX_ANSWER_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
};
