import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';

/** `I`: a call is about to be forwarded, and the event says what is to be recorded if nobody ever hears of it again. `R`: a record. */
export type FrameKind = 'I' | 'R';

export interface FrameContent {
  readonly kind: FrameKind;
  /** Milliseconds since the epoch when it was written. */
  readonly at: number;
  /** The event as it goes to the ledger: one line of JSON. */
  readonly event: string;
}

/** An event has at most 17 KiB; a length beyond this was not written by us. */
export const MAX_FRAME_BYTES = 262_144;

const LINE_FEED = 10;
const HEAD = /^([0-9a-f]{8}) ([1-9]\d{0,5}) /;
const MAX_HEAD_BYTES = 16;
const BODY = /^([IR]) (\d{1,15}) $/;
const MAX_BODY_HEAD_BYTES = 18;

/**
 * One line: `<crc> <length> <kind> <at> <event>`. The CRC-32 (that of zlib) is of everything behind the length, so that a
 * line says by itself whether it is whole. JSON holds no line feed, so lines can be found again behind a damaged one.
 */
export const toFrame = ({ kind, at, event }: FrameContent): Buffer => {
  const body = `${kind} ${at} ${event}`;
  const crc = crc32(body).toString(16).padStart(8, '0');
  return Buffer.from(`${crc} ${Buffer.byteLength(body)} ${body}\n`);
};

/** What stands at an offset of a segment. `end` is where to go on. */
export type ReadFrame =
  | ({ readonly kind: 'frame'; readonly end: number } & { readonly content: FrameContent })
  /** Damaged: the bytes up to `end` hold no frame. */
  | { readonly kind: 'damaged'; readonly end: number }
  /** The bytes end before a frame does. */
  | { readonly kind: 'cut' };

const cut = { kind: 'cut' } as const;

/** Reads the frame at `offset`. Damage never reaches further than to the next frame that is whole. */
export const readFrame = (bytes: Buffer, offset: number): ReadFrame => {
  if (offset >= bytes.length) return cut;
  const found = wholeFrame(bytes, offset);
  if (found !== undefined) return found;
  const lineEnd = bytes.indexOf(LINE_FEED, offset);
  if (lineEnd === -1 && bytes.length - offset <= MAX_FRAME_BYTES) return cut;
  const end = lineEnd === -1 ? bytes.length : lineEnd + 1;
  return { kind: 'damaged', end: nextFrame(bytes, offset, end) ?? end };
};

/** The frame that is whole at `offset`; its line feed is not looked at, because the CRC vouches for the length. */
const wholeFrame = (bytes: Buffer, offset: number): ReadFrame | undefined => {
  const [head, crc, length] = HEAD.exec(bytes.toString('latin1', offset, offset + MAX_HEAD_BYTES)) ?? [];
  if (head === undefined || crc === undefined || Number(length) > MAX_FRAME_BYTES) return undefined;
  const start = offset + head.length;
  const end = start + Number(length);
  // Without its line feed a frame is still being written.
  if (end >= bytes.length) return undefined;
  const body = bytes.subarray(start, end);
  if (crc32(body) !== Number.parseInt(crc, 16)) return undefined;
  const content = readBody(body);
  return content === undefined ? undefined : { kind: 'frame', end: end + 1, content };
};

const readBody = (body: Buffer): FrameContent | undefined => {
  const start = body.indexOf(' {') + 1;
  if (start === 0 || start > MAX_BODY_HEAD_BYTES) return undefined;
  const [, kind, at] = BODY.exec(body.toString('latin1', 0, start)) ?? [];
  if (kind === undefined) return undefined;
  return { kind: kind === 'I' ? 'I' : 'R', at: Number(at), event: body.toString('utf8', start) };
};

/** A line feed may be what was damaged (a hole of zeros after a power cut): a whole frame may begin in the middle of a line. */
const nextFrame = (bytes: Buffer, from: number, to: number): number | undefined => {
  const text = bytes.toString('latin1', from, to);
  for (const { index } of text.matchAll(/[0-9a-f]{8} [1-9]\d{0,5} [IR] /g))
    if (index > 0 && wholeFrame(bytes, from + index) !== undefined) return from + index;
  return undefined;
};
