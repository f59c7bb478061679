import { Decoder, Encoder } from '@msgpack/msgpack';
import type { Result } from '../domain/result.ts';
import { failure, success } from '../domain/result.ts';
import { encodeGuardAnswer, GuardAnswer } from './guard-messages.ts';

/** One call of Kong: `[0, id, "plugin.Method", [parameters]]`. */
export interface RpcRequest {
  readonly id: number;
  readonly method: string;
  readonly parameters: readonly unknown[];
}

/**
 * Decodes one complete frame. A client chooses header and query names, which are map keys here: the decoder throws at a
 * key `__proto__`, and a connection closed because of that would let the request pass on a node without the guard.
 */
export function parseRequest(frame: Uint8Array): Result<RpcRequest, string> {
  let message: unknown;
  try {
    message = decoder.decode(frame);
  } catch {
    return failure('message cannot be decoded');
  }
  if (!Array.isArray(message) || message.length !== 4) return failure('message is not a request of 4 elements');
  const [kind, id, method, parameters] = message as readonly unknown[];
  if (kind !== 0 || typeof id !== 'number' || typeof method !== 'string' || !Array.isArray(parameters)) {
    return failure('message is not [0, id, method, parameters]');
  }
  return success({ id, method, parameters: parameters as readonly unknown[] });
}

/** Throws for what MessagePack cannot carry (functions, symbols, bigint, nesting over 100). */
export const encodeResult = (id: number, result: unknown): Uint8Array =>
  result instanceof GuardAnswer ? encodeGuardAnswer(id, result) : encode([1, id, undefined, result]);

/** Kong looks for "no plugin instance" in the text and starts the instance again. */
export const encodeError = (id: number, text: string): Uint8Array => encode([1, id, text, undefined]);

/** The encoder keeps its largest buffer; after a large answer it is replaced instead of holding that memory for ever. */
const RETAINED_ENCODER_BYTES = 1024 * 1024;

let encoder = new Encoder();

function encode(message: readonly unknown[]): Uint8Array {
  const bytes = encoder.encode(message);
  if (bytes.length > RETAINED_ENCODER_BYTES) encoder = new Encoder();
  return bytes;
}

const FORBIDDEN_KEY = '__proto__';

/** What handlers see instead: no header, query argument or Lua field can have this name otherwise. */
export const RENAMED_KEY = '\u0000__proto__';

const decoder = new Decoder({
  mapKeyConverter: (key) => (typeof key === 'number' ? key : String(key)),
  keyDecoder: {
    canBeCached: (byteLength) => byteLength === FORBIDDEN_KEY.length,
    decode: (bytes, offset, byteLength) => {
      const key = Buffer.from(bytes.buffer, bytes.byteOffset + offset, byteLength).toString('utf8');
      return key === FORBIDDEN_KEY ? RENAMED_KEY : key;
    },
  },
});
