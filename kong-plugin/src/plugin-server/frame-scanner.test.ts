import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameScanner } from './frame-scanner.ts';
import { readTranscript, transcriptNames } from './testing/transcript.ts';

const recorded = transcriptNames.flatMap((name) => readTranscript(name)).map(({ bytes }) => Buffer.from(bytes));
const short = recorded.filter((bytes) => bytes.length <= 800);

const scanAll = (chunks: readonly Uint8Array[]) => {
  const scanner = new FrameScanner();
  return chunks.flatMap((chunk) => {
    const { frames, problem } = scanner.push(chunk);
    expect(problem).toBeUndefined();
    return frames.map((frame) => Buffer.from(frame).toString('hex'));
  });
};

const cut = (bytes: Uint8Array, offsets: readonly number[]) => {
  const edges = [0, ...[...offsets].sort((left, right) => left - right), bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
};

describe('FrameScanner', () => {
  it('finds a recorded message at each of its possible cuts, in two pieces', () => {
    expect(short.length).toBeGreaterThan(100);
    for (const bytes of short) {
      for (let offset = 1; offset < bytes.length; offset += 1) {
        const frames = scanAll(cut(bytes, [offset]));
        if (frames.length !== 1 || frames[0] !== bytes.toString('hex')) {
          throw new Error(`cut at ${offset} of ${bytes.toString('hex')} gave ${frames.length} frames`);
        }
      }
    }
  });

  it('finds every message of a stream of recorded messages sent byte by byte', () => {
    const some = short.slice(0, 60);
    const stream = Buffer.concat(some);
    const bytes = [...stream].map((byte) => Uint8Array.of(byte));
    expect(scanAll(bytes)).toEqual(some.map((frame) => frame.toString('hex')));
  });

  it('finds all messages of one chunk, and keeps the unfinished one for the next chunk', () => {
    const [first, second, third] = [encode([1]), encode({ a: 'b' }), encode('c')];
    const scanner = new FrameScanner();
    const chunk = Buffer.concat([first, second, third.subarray(0, 1)]);
    expect(scanner.push(chunk).frames).toHaveLength(2);
    expect(scanner.push(third.subarray(1)).frames.map((frame) => Buffer.from(frame))).toEqual([Buffer.from(third)]);
  });

  it('finds the same messages however random values are cut', () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.integer(),
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        fc.string({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }).map(Number),
        fc.array(tie('value'), { maxLength: 20 }),
        fc.dictionary(fc.string({ maxLength: 40 }), tie('value'), { maxKeys: 20 }),
      ),
    })).value;
    const values = fc.array(value, { minLength: 1, maxLength: 5 });
    const cuts = fc.array(fc.nat(), { maxLength: 12 });
    fc.assert(
      fc.property(values, cuts, (messages, offsets) => {
        const frames = messages.map((message) => Buffer.from(encode(message)));
        const stream = Buffer.concat(frames);
        const chunks = cut(
          stream,
          offsets.map((offset) => offset % (stream.length + 1)),
        );
        expect(scanAll(chunks)).toEqual(frames.map((frame) => frame.toString('hex')));
      }),
      { numRuns: 300, seed: 20261122 },
    );
  });

  it.each([
    ['array 16', [0xdc, 0x00, 0x10], 16],
    ['array 32', [0xdd, 0x00, 0x00, 0x00, 0x11], 17],
    ['map 16', [0xde, 0x00, 0x10], 32],
    ['map 32', [0xdf, 0x00, 0x00, 0x00, 0x11], 34],
    ['fixext 4', [0xd6, 0x01], 4],
    ['ext 8 of 3 bytes', [0xc7, 0x03, 0x01], 3],
    ['ext 16 of 300 bytes', [0xc8, 0x01, 0x2c, 0x01], 300],
    ['str 32 of 5 bytes', [0xdb, 0x00, 0x00, 0x00, 0x05], 5],
    ['bin 32 of 5 bytes', [0xc6, 0x00, 0x00, 0x00, 0x05], 5],
    ['an empty bin 8', [0xc4], 1],
  ])('ends %s exactly after its content', (_name, header, contentBytes) => {
    const bytes = Uint8Array.from([...header, ...Array.from({ length: contentBytes }, () => 0)]);
    const scanner = new FrameScanner();
    expect(scanner.push(bytes.subarray(0, -1)).frames).toHaveLength(0);
    expect(scanner.push(bytes.subarray(-1)).frames).toHaveLength(1);
  });

  it('refuses byte 0xc1, which MessagePack never uses, and returns the messages before it', () => {
    const { frames, problem } = new FrameScanner().push(Uint8Array.of(0x93, 1, 2, 3, 0xc1));
    expect(frames).toHaveLength(1);
    expect(problem).toContain('0xc1');
  });

  it.each([
    ['a str of 4 GB', [0xdb, 0xff, 0xff, 0xff, 0xff]],
    ['an array of 4 billion values', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a map of 4 billion values', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ['a bin of 129 MiB', [0xc6, 0x08, 0x10, 0x00, 0x00]],
  ])('refuses %s at its header, before it arrives', (_name, header) => {
    expect(new FrameScanner().push(Uint8Array.from(header)).problem).toContain('larger than');
  });

  it('accepts a message of exactly 1,000 bytes and refuses one of 1,001 when the limit is 1,000', () => {
    const exact = encode(Buffer.alloc(997));
    expect(exact).toHaveLength(1_000);
    expect(new FrameScanner({ maximumBytes: 1_000 }).push(exact).frames).toHaveLength(1);
    const longer = encode(Buffer.alloc(998));
    expect(new FrameScanner({ maximumBytes: 1_000 }).push(longer).problem).toContain('larger than 1000 bytes');
  });

  it('counts the bytes of earlier chunks towards the limit', () => {
    const scanner = new FrameScanner({ maximumBytes: 100 });
    const elements = Uint8Array.of(0xdc, 0x00, 0x32, ...Array.from({ length: 40 }, () => 0));
    expect(scanner.push(elements).problem).toBeUndefined();
    expect(scanner.push(Uint8Array.of(0xd9, 0xff)).problem).toContain('larger than 100 bytes');
  });
});
