import { Buffer } from 'node:buffer';
import { connect } from 'node:net';

export type RawHeaders = readonly (readonly [name: string, value: string])[];

export interface RawRequest {
  readonly method: string;
  readonly target: string;
  /** Sent as they are, in this order: nothing is added, joined or corrected. */
  readonly headers: RawHeaders;
  readonly body?: string | Uint8Array;
  readonly isChunked?: boolean;
}

export interface RawReply {
  readonly status: number;
  /** Names in lower case; values of a repeated header joined with `, `. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** An answer takes milliseconds; a stream that never ends is a test that fails. */
const TIMEOUT_MS = 15_000;

/** One request over its own connection, byte for byte: Node's client would normalise what these tests are about. */
export const sendRaw = (origin: string, request: RawRequest): Promise<RawReply> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const socket = connect({ host: hostname, port: Number(port) });
    let received = Buffer.alloc(0);
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Error(`${request.method} ${request.target}: ${why}`));
    };
    const finish = (isEnded: boolean): boolean => {
      const reply = parseReply(received, { isHead: request.method === 'HEAD', isEnded });
      if (reply === undefined) return false;
      socket.destroy();
      resolve(reply);
      return true;
    };
    socket.setTimeout(TIMEOUT_MS, () => fail('no complete answer'));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      finish(false);
    });
    socket.on('error', (error) => finish(true) || fail(error.message));
    socket.on('close', () => finish(true) || fail(`the connection was closed after ${received.length} bytes`));
    socket.on('connect', () => socket.write(toBytes(request)));
  });

const toBytes = ({ method, target, headers, body, isChunked }: RawRequest): Buffer => {
  const bytes = Buffer.from(body ?? '');
  const framing: RawHeaders =
    isChunked === true
      ? [['Transfer-Encoding', 'chunked']]
      : body === undefined
        ? []
        : [['Content-Length', String(bytes.length)]];
  const lines = [...headers, ...framing].map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  return Buffer.concat([head, isChunked === true ? inChunks(bytes) : bytes]);
};

/** Two chunks, split in the middle: whoever looks at the first alone sees half a message. */
const inChunks = (bytes: Buffer): Buffer => {
  const middle = Math.ceil(bytes.length / 2);
  const chunk = (part: Buffer): Buffer[] => [Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')];
  return Buffer.concat([
    ...chunk(bytes.subarray(0, middle)),
    ...chunk(bytes.subarray(middle)),
    Buffer.from('0\r\n\r\n'),
  ]);
};

/** Undefined while the answer is incomplete. */
const parseReply = (
  received: Buffer,
  { isHead, isEnded }: { readonly isHead: boolean; readonly isEnded: boolean },
): RawReply | undefined => {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = received.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(statusLine.split(' ')[1]);
  const rest = received.subarray(end + 4);
  if (status >= 100 && status < 200) return parseReply(rest, { isHead, isEnded });
  const headers = parseHeaders(lines);
  if (isHead || status === 204 || status === 304) return { status, headers, body: '' };
  const body = readBody(rest, { headers, isEnded });
  return body === undefined ? undefined : { status, headers, body: body.toString('utf8') };
};

const parseHeaders = (lines: readonly string[]): ReadonlyMap<string, string> => {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
};

const readBody = (
  rest: Buffer,
  { headers, isEnded }: { readonly headers: ReadonlyMap<string, string>; readonly isEnded: boolean },
): Buffer | undefined => {
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(rest);
  const length = headers.get('content-length');
  if (length === undefined) return isEnded ? rest : undefined;
  return rest.length >= Number(length) ? rest.subarray(0, Number(length)) : undefined;
};

const readChunks = (rest: Buffer): Buffer | undefined => {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(rest.subarray(at, lineEnd).toString('latin1'), 16);
    const start = lineEnd + 2;
    if (rest.length < start + size + 2) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(rest.subarray(start, start + size));
    at = start + size + 2;
  }
};
