import { Buffer } from 'node:buffer';
import { isTable, parseOrNothing } from '../domain/json/table.ts';
import { readSseBlocks } from '../domain/lists/sse-blocks.ts';

/** An answer, read to its end. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Requests to one MCP endpoint, as a client of it. */
export interface McpExchange {
  post(message: object, headers: Readonly<Record<string, string>>): Promise<Received>;
  /** The result of the answer with this id, whether it came as JSON or in an event stream. */
  resultOf(received: Received, id: number): Readonly<Record<string, unknown>> | undefined;
  /** Tells the server that a session is over; what it says to that does not matter. */
  end(headers: Readonly<Record<string, string>>): Promise<void>;
}

export interface McpExchangeOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** A page of tools is some 100 KB; `filterList` reads no more than this either. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export const createMcpExchange = ({ url, headers: own, signal }: McpExchangeOptions): McpExchange => ({
  post: async (message, headers) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...own,
        ...headers,
      },
      body: JSON.stringify(message),
      // A redirect would carry the credential somewhere else.
      redirect: 'error',
      signal,
    });
    return { status: answer.status, headers: answer.headers, body: await readBody(answer) };
  },
  resultOf: ({ body, headers }, id) => {
    const text = Buffer.from(body).toString('utf8');
    const isStream = headers.get('content-type')?.toLowerCase().startsWith('text/event-stream') === true;
    for (const message of isStream ? messagesOf(text) : [text]) {
      const parsed = parseOrNothing(message);
      if (isTable(parsed) && parsed['id'] === id && isTable(parsed['result'])) return parsed['result'];
    }
    return undefined;
  },
  end: async (headers) => {
    if (headers['mcp-session-id'] === undefined) return;
    const answer = await fetch(url, {
      method: 'DELETE',
      headers: { ...own, ...headers },
      redirect: 'error',
      signal,
    }).catch(() => undefined);
    await answer?.body?.cancel();
  },
});

const readBody = async (answer: Response): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const messagesOf = (text: string): readonly string[] => {
  const blocks = readSseBlocks(text);
  return blocks.ok ? blocks.value.flatMap(({ data }) => data ?? []) : [];
};
