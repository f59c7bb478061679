import { Buffer } from 'node:buffer';
import type { Judgement } from './plugin-contract.ts';

/**
 * How mcp-guard is answered on Kong's socket (`plugin.Judge`, `plugin.Conclude`); the other half is exchange.lua. Its questions are
 * MessagePack-RPC requests like Kong's, with bin for everything that a client may have chosen. Every answer is `[1, id, nil, [kind,
 * length of the first text, both texts]]` with a kind below 128, a uint 32 and a bin 32, so that Lua reads it without a decoder.
 */

/** The numbers stand in lua/kong/plugins/mcp-guard/protocol.lua as well. */
const kinds = {
  admit: 1,
  refuse: 2,
  exit: 3,
  /** The facts do not suffice. */
  ask: 4,
  /** This process does not know the instance: it has just started. */
  no_instance: 5,
  /** Nobody could judge; the log says why. */
  failed: 6,
  /** Outcomes were taken; `first` is the JSON list of those whose plugin has no instance. */
  taken: 7,
} as const;

export class GuardAnswer {
  constructor(
    readonly kind: keyof typeof kinds,
    readonly first = '',
    readonly second = '',
  ) {}

  static of({ kind, text, admission }: Judgement): GuardAnswer {
    return new GuardAnswer(kind, text, admission);
  }
}

const HEAD = 16;
const UINT_32 = 0xce;
const BIN_32 = 0xc6;

/** `id` below 128: the guard always sends 0. */
export const encodeGuardAnswer = (id: number, { kind, first, second }: GuardAnswer): Uint8Array => {
  const firstBytes = Buffer.byteLength(first);
  const secondBytes = Buffer.byteLength(second);
  const bytes = Buffer.allocUnsafe(HEAD + firstBytes + secondBytes);
  bytes.set([0x94, 1, id & 0x7f, 0xc0, 0x93, kinds[kind], UINT_32]);
  bytes.writeUInt32BE(firstBytes, 7);
  bytes[11] = BIN_32;
  bytes.writeUInt32BE(firstBytes + secondBytes, 12);
  bytes.write(first, HEAD, 'utf8');
  bytes.write(second, HEAD + firstBytes, 'utf8');
  return bytes;
};
