/**
 * Kong's largest message is one request or response body. 128 MiB is above every body an operator should let through a
 * plugin (110 MB takes Kong 159 s), and four times it, the worst copy count on our side, still fits a node's memory.
 */
export const MAXIMUM_MESSAGE_BYTES = 128 * 1024 * 1024;

/** Complete messages in order; after a `problem` the stream is garbage and the connection must be closed. */
export interface ScannedFrames {
  readonly frames: readonly Uint8Array[];
  readonly problem?: string;
}

export interface FrameScannerOptions {
  readonly maximumBytes?: number;
}

/**
 * Finds where each MessagePack message ends, however the bytes are cut, without decoding it. Every byte of a header is
 * looked at once and payloads are stepped over, so a message in a thousand pieces costs as much as one in a single piece.
 */
export class FrameScanner {
  private readonly maximumBytes: number;
  /** Earlier chunks of the message that is still incomplete. */
  private held: Uint8Array[] = [];
  private heldBytes = 0;
  /** Values of the current message whose lead byte has not been seen. */
  private valuesLeft = 0;
  /** Payload bytes still to step over. */
  private payloadLeft = 0;
  /** Length field that is being read. */
  private lengthBytesLeft = 0;
  private length = 0;
  private lead = 0;

  constructor(options: FrameScannerOptions = {}) {
    this.maximumBytes = options.maximumBytes ?? MAXIMUM_MESSAGE_BYTES;
  }

  push(chunk: Uint8Array): ScannedFrames {
    const frames: Uint8Array[] = [];
    let position = 0;
    let start = 0;
    while (position < chunk.length) {
      position = this.advance(chunk, position);
      const bytes = this.heldBytes + position - start;
      const problem = this.findProblem(bytes);
      if (problem !== undefined) return { frames, problem };
      if (this.valuesLeft > 0 || this.payloadLeft > 0 || this.lengthBytesLeft > 0) continue;
      frames.push(this.complete(chunk.subarray(start, position), bytes));
      start = position;
    }
    if (start < chunk.length) this.hold(start === 0 ? chunk : chunk.subarray(start));
    return { frames };
  }

  private advance(chunk: Uint8Array, position: number): number {
    if (this.payloadLeft > 0) {
      const taken = Math.min(this.payloadLeft, chunk.length - position);
      this.payloadLeft -= taken;
      return position + taken;
    }
    const byte = chunk[position] ?? 0;
    if (this.lengthBytesLeft > 0) this.readLength(byte);
    else this.readLead(byte);
    return position + 1;
  }

  private readLead(byte: number): void {
    if (this.valuesLeft === 0) this.valuesLeft = 1;
    this.lead = byte;
    this.length = 0;
    this.lengthBytesLeft = lengthBytes[byte] ?? 0;
    if (this.lengthBytesLeft > 0) return;
    this.payloadLeft = fixedPayload[byte] ?? 0;
    this.valuesLeft += (fixedValues[byte] ?? 0) - 1;
  }

  private readLength(byte: number): void {
    this.length = this.length * 256 + byte;
    this.lengthBytesLeft -= 1;
    if (this.lengthBytesLeft > 0) return;
    const valuesPerUnit = countedValues[this.lead] ?? 0;
    this.valuesLeft += valuesPerUnit * this.length - 1;
    // Ext types (0xc7..0xc9) have one type byte between length and data.
    if (valuesPerUnit === 0) this.payloadLeft = this.length + (this.lead >= 0xc7 && this.lead <= 0xc9 ? 1 : 0);
  }

  /** A value takes at least one byte, so a header that announces too many is refused before they arrive. */
  private findProblem(bytes: number): string | undefined {
    if (this.lead === NEVER_USED) return 'byte 0xc1 is not MessagePack';
    if (bytes + this.payloadLeft + this.valuesLeft > this.maximumBytes) {
      return `message is larger than ${this.maximumBytes} bytes`;
    }
    return undefined;
  }

  private complete(tail: Uint8Array, bytes: number): Uint8Array {
    if (this.held.length === 0) return tail;
    const frame = Buffer.concat([...this.held, tail], bytes);
    this.held = [];
    this.heldBytes = 0;
    return frame;
  }

  private hold(part: Uint8Array): void {
    this.held.push(part);
    this.heldBytes += part.length;
  }
}

const NEVER_USED = 0xc1;

/** MessagePack's formats as tables by lead byte, so that the scan does not branch over 37 formats. */
const lengthBytes = new Uint8Array(256);
const fixedPayload = new Uint8Array(256);
const fixedValues = new Uint8Array(256);
const countedValues = new Uint8Array(256);

for (let size = 0; size < 16; size += 1) {
  fixedValues[0x80 + size] = size * 2; // fixmap
  fixedValues[0x90 + size] = size; // fixarray
}
for (let size = 0; size < 32; size += 1) fixedPayload[0xa0 + size] = size; // fixstr
for (const lead of [0xc4, 0xc7, 0xd9]) lengthBytes[lead] = 1; // bin 8, ext 8, str 8
for (const lead of [0xc5, 0xc8, 0xda, 0xdc, 0xde]) lengthBytes[lead] = 2;
for (const lead of [0xc6, 0xc9, 0xdb, 0xdd, 0xdf]) lengthBytes[lead] = 4;
for (const [lead, bytes] of [
  [0xca, 4], // float 32
  [0xcb, 8], // float 64
  [0xcc, 1], // uint 8 to 64
  [0xcd, 2],
  [0xce, 4],
  [0xcf, 8],
  [0xd0, 1], // int 8 to 64
  [0xd1, 2],
  [0xd2, 4],
  [0xd3, 8],
  [0xd4, 2], // fixext 1 to 16, with the type byte
  [0xd5, 3],
  [0xd6, 5],
  [0xd7, 9],
  [0xd8, 17],
] as const) {
  fixedPayload[lead] = bytes;
}
for (const lead of [0xdc, 0xdd]) countedValues[lead] = 1; // array 16, 32
for (const lead of [0xde, 0xdf]) countedValues[lead] = 2; // map 16, 32
