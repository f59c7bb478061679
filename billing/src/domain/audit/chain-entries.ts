import { Buffer } from 'node:buffer';

/** One event in a stored link: its id and the chain up to and with it. */
export interface LinkEntry {
  readonly id: string;
  readonly chain: Buffer;
}

const ID_BYTES = 16;
const ENTRY_BYTES = ID_BYTES + 32;

/** 48 bytes an event: 16 of its id, 32 of the chain. */
export const packEntries = (entries: readonly LinkEntry[]): Buffer => {
  const packed = Buffer.allocUnsafe(entries.length * ENTRY_BYTES);
  entries.forEach(({ id, chain }, index) => {
    packed.write(id.replaceAll('-', ''), index * ENTRY_BYTES, ID_BYTES, 'hex');
    chain.copy(packed, index * ENTRY_BYTES + ID_BYTES);
  });
  return packed;
};

export const unpackEntries = (packed: Buffer): readonly LinkEntry[] =>
  Array.from({ length: Math.floor(packed.length / ENTRY_BYTES) }, (_, index) => {
    const start = index * ENTRY_BYTES;
    return {
      id: toUuid(packed.toString('hex', start, start + ID_BYTES)),
      chain: packed.subarray(start + ID_BYTES, start + ENTRY_BYTES),
    };
  });

const toUuid = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
