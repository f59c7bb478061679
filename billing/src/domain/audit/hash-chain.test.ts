import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { packEntries, unpackEntries } from './chain-entries.ts';
import { chainEntry, chainStart, sealDay, sealStart, type ChainedInvocation } from './hash-chain.ts';

const position = { day: '2026-11-25', link: 1 };
const entry: ChainedInvocation = {
  id: '019cacaf-e123-7abc-8def-0123456789ab',
  recordedAt: '2026-11-25T12:00:00.000Z',
  nodeId: 'gw-1',
  nodeEpoch: '019cacafe0000badcafe',
  nodeSequence: 12,
  contentSha256: 'ab'.repeat(32),
};

describe('the hash chain', () => {
  it('gives what another program gives from its description (hashlib of Python), so that stored chains stay valid', () => {
    const chain = chainEntry(chainStart('2026-11-25'), entry, position);
    expect(chain.toString('hex')).toBe('1f63d37629de6beecc3a96749a8c7e8d4e4b84615199bc6357274d7e4d1ba4a1');
    const sealed = { day: '2026-11-25', links: 1n, entries: 1n, headSha256: chain };
    expect(sealDay(sealStart, sealed).toString('hex')).toBe(
      'b5f9232e07fdb3aabb7ea8bc555064431a57a735cb4f967233fd02fefddfc4a7',
    );
  });

  it.each<[keyof ChainedInvocation, string | number]>([
    ['id', '019cacaf-e123-7abc-8def-0123456789ac'],
    ['recordedAt', '2026-11-25T12:00:00.001Z'],
    ['nodeId', 'gw-2'],
    ['nodeEpoch', '1'],
    ['nodeSequence', 13],
    ['contentSha256', 'ac'.repeat(32)],
  ])('is another one when %s is', (field, value) => {
    const start = chainStart('2026-11-25');
    expect(chainEntry(start, { ...entry, [field]: value }, position)).not.toEqual(chainEntry(start, entry, position));
  });

  it('depends on what came before, the day and the link, and not on how numbers are held', () => {
    const start = chainStart('2026-11-25');
    const chain = chainEntry(start, entry, position);
    expect(chainEntry(chainStart('2026-11-26'), entry, position)).not.toEqual(chain);
    expect(chainEntry(start, entry, { ...position, link: 2 })).not.toEqual(chain);
    expect(chainEntry(start, entry, { ...position, day: '2026-11-26' })).not.toEqual(chain);
    expect(chainEntry(start, { ...entry, nodeSequence: 12n }, { ...position, link: 1n })).toEqual(chain);
  });

  it('does not give the same for fields that join to the same text', () => {
    const start = chainStart('2026-11-25');
    const one = chainEntry(start, { ...entry, nodeId: 'a', nodeEpoch: 'bc' }, position);
    expect(chainEntry(start, { ...entry, nodeId: 'ab', nodeEpoch: 'c' }, position)).not.toEqual(one);
  });

  it('is packed into 48 bytes an entry and read back', () => {
    const entries = [1, 2, 3].map((number) => ({ id: entry.id, chain: Buffer.alloc(32, number) }));
    const packed = packEntries(entries);
    expect(packed).toHaveLength(144);
    expect(unpackEntries(packed)).toEqual(entries);
  });
});
