import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { decode } from '@msgpack/msgpack';
import { describe, expect, it } from 'vitest';
import { Binary, EmptyMap, packMessage, type Packable } from './message-pack.ts';

const transcripts = path.join(
  path.dirname(fileURLToPath(import.meta.url)),
  '../../src/plugin-server/testing/transcripts',
);

interface Line {
  readonly dir?: string;
  readonly msg?: unknown;
  readonly hex?: string;
}

/** A hand-made client wrote these. */
const notOfKong = new Set(['error-unknown-event.jsonl', 'plugin-info.jsonl']);

/** Messages that a real Kong wrote, with their complete bytes. */
const recorded = readdirSync(transcripts)
  .filter((file) => !notOfKong.has(file))
  .flatMap((file) =>
    readFileSync(path.join(transcripts, file), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
      .filter((line) => line.dir === 'kong->server' && line.hex?.endsWith('...') === false)
      .map((line) => ({ file, msg: line.msg, hex: line.hex ?? '' })),
  );

/** Undoes the recording's notation. An empty map in `Data` was a multimap. */
const fromNotation = (value: unknown): Packable => {
  if (Array.isArray(value)) return value.map(fromNotation);
  if (typeof value !== 'object' || value === null) return value as Packable;
  if ('$bin' in value) return new Binary(Buffer.from(String(value.$bin), 'base64'));
  if ('$str' in value) return Buffer.from(String(value.$str), 'base64');
  if ('$float' in value) return value.$float as number;
  if (Object.keys(value).length === 0) return new EmptyMap();
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromNotation(item)]));
};

const hex = (value: Packable): string => Buffer.from(packMessage(value)).toString('hex');

describe('packMessage', () => {
  it('writes byte for byte what Kong 3.9.1 wrote, in all its recorded messages', () => {
    expect(recorded.length).toBeGreaterThan(150);
    for (const { file, msg, hex: bytes } of recorded)
      expect(`${file} ${hex(fromNotation(msg))}`).toBe(`${file} ${bytes}`);
  });

  it.each([
    ['a text of 31 bytes', 'a'.repeat(31), `bf${'61'.repeat(31)}`],
    ['a text of 32 bytes as str16, never str8', 'a'.repeat(32), `da0020${'61'.repeat(32)}`],
    ['bytes that are no UTF-8 as str', Uint8Array.of(0xff), 'a1ff'],
    ['a body as bin', new Binary(Uint8Array.of(0xff)), 'c401ff'],
    ['an empty body', new Binary(new Uint8Array()), 'c400'],
    ['an empty list', [], '90'],
    ['an empty record as a list', {}, '90'],
    ['an empty multimap', new EmptyMap(), '80'],
    ['127', 127, '7f'],
    ['128', 128, 'cc80'],
    ['65,536', 65_536, 'ce00010000'],
    ['2^40', 2 ** 40, 'cf0000010000000000'],
    ['-1', -1, 'ff'],
    ['-33', -33, 'd0df'],
    ['-2^40', -(2 ** 40), 'd3ffffff0000000000'],
    ['1.5', 1.5, 'cb3ff8000000000000'],
    ['1e300', 1e300, 'cb7e37e43c8800759c'],
    ['a field that is nil', { a: undefined, b: 1 }, '81a16201'],
    ['false', { a: false }, '81a161c2'],
    ['a list with a nil inside as a map of indexes', [1, undefined, 3], '8201010303'],
  ])('writes %s', (_name, value, bytes) => {
    expect(hex(value as Packable)).toBe(bytes);
  });

  it('writes lists and maps of 16 and of 65,536 entries so that they can be read', () => {
    const list = Array.from({ length: 65_536 }, () => 1);
    const map = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`k${index}`, index]));
    expect(decode(packMessage(list))).toHaveLength(65_536);
    expect(decode(packMessage(map))).toStrictEqual(map);
  });

  it('refuses a body that is nil, as MessagePack.lua does', () => {
    expect(() => packMessage({ Data: new Binary(undefined) })).toThrow("bad argument #1 to 'binary'");
  });
});
