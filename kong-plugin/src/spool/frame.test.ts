import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { readFrame, toFrame, type FrameContent } from './frame.ts';

const contents: readonly FrameContent[] = [
  { kind: 'I', at: 1_764_072_000_000, event: '{"id":"a","text":"ü😀 \\n"}' },
  { kind: 'R', at: 1_764_072_000_001, event: '{"id":"b"}' },
  { kind: 'R', at: 0, event: `{"id":"c","long":"${'x'.repeat(300)}"}` },
  { kind: 'R', at: 1_764_072_000_003, event: '{"id":"d","decoy":"1a2b3c4d 12 R 1 {}"}' },
];
const frames = contents.map(toFrame);
const bytes = Buffer.concat(frames);
/** Where each frame ends. */
const ends = frames.map((_, index) => Buffer.concat(frames.slice(0, index + 1)).length);

interface Reading {
  readonly contents: readonly FrameContent[];
  readonly damaged: number;
  readonly rest: number;
}

const readAll = (buffer: Buffer): Reading => {
  const read: FrameContent[] = [];
  let damaged = 0;
  for (let offset = 0; ;) {
    const frame = readFrame(buffer, offset);
    if (frame.kind === 'cut') return { contents: read, damaged, rest: buffer.length - offset };
    if (frame.kind === 'frame') read.push(frame.content);
    else damaged += 1;
    // It must always go on, or a damaged file would stop the node.
    expect(frame.end).toBeGreaterThan(offset);
    offset = frame.end;
  }
};

describe('frames', () => {
  it('come back as they were written', () => {
    expect(readAll(bytes)).toEqual({ contents, damaged: 0, rest: 0 });
  });

  it('are lines that a person can read', () => {
    expect(frames[1]?.toString()).toMatch(/^[0-9a-f]{8} 26 R 1764072000001 \{"id":"b"\}\n$/);
  });

  it(`cut at each of ${bytes.length} offsets give every whole frame and a rest, and no damage`, () => {
    for (let length = 0; length <= bytes.length; length += 1) {
      const whole = ends.filter((end) => end <= length).length;
      expect(readAll(bytes.subarray(0, length))).toEqual({
        contents: contents.slice(0, whole),
        damaged: 0,
        rest: length - (ends[whole - 1] ?? 0),
      });
    }
  });

  it(`with any of ${bytes.length * 8} bits flipped lose at most the frame that the bit is in`, () => {
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      const at = bit >> 3;
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit & 7));
      const hit = ends.findIndex((end) => at < end);
      const others = contents.filter((_, index) => index !== hit);
      const { contents: read, damaged, rest } = readAll(flipped);
      expect(read.filter((content) => !contents.some((known) => same(known, content)))).toEqual([]);
      expect(others.filter((content) => !read.some((known) => same(known, content)))).toEqual([]);
      // A frame that is not there was noticed; that of a damaged line feed is there all the same.
      if (read.length < contents.length) expect(damaged + rest).toBeGreaterThan(0);
    }
  });

  it('are found again behind a hole of zeros of any length, as a power cut leaves', () => {
    for (let from = 0; from < bytes.length; from += 7)
      for (let to = from + 1; to <= bytes.length; to += 53) {
        const holed = Buffer.from(bytes).fill(0, from, to);
        const untouched = contents.filter((_, index) => (ends[index - 1] ?? 0) >= to || (ends[index] ?? 0) <= from);
        const { contents: read } = readAll(holed);
        expect(untouched.filter((content) => !read.some((known) => same(known, content)))).toEqual([]);
      }
  });

  it('are not made of random bytes', () => {
    let state = 1;
    const noise = Buffer.from(Array.from({ length: 20_000 }, () => (state = (state * 48_271) % 2_147_483_647) & 255));
    const { contents: read, damaged } = readAll(Buffer.concat([noise, Buffer.from('\n'), bytes]));
    expect(read).toEqual(contents);
    expect(damaged).toBeGreaterThan(0);
  });

  it('longer than 256 KiB are taken for damage, so that a broken length never makes the reader wait', () => {
    const endless = Buffer.concat([Buffer.from('00000000 999999 R 1 {'), Buffer.alloc(300_000, 120)]);
    expect(readFrame(endless, 0)).toEqual({ kind: 'damaged', end: endless.length });
    expect(readFrame(endless.subarray(0, 1_000), 0)).toEqual({ kind: 'cut' });
  });
});

const same = (left: FrameContent, right: FrameContent): boolean =>
  left.kind === right.kind && left.at === right.at && left.event === right.event;
