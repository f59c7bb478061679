import { describe, expect, it } from 'vitest';
import { LruMap } from './lru-map.ts';

describe('LruMap', () => {
  it('holds at most 3 entries and forgets the one used longest ago', () => {
    const map = new LruMap<string, number>(3);
    for (const [index, key] of ['a', 'b', 'c'].entries()) map.set(key, index);
    expect(map.get('a')).toBe(0);
    map.set('d', 3);
    expect(map.size).toBe(3);
    expect(map.get('b')).toBeUndefined();
    expect([map.get('a'), map.get('c'), map.get('d')]).toEqual([0, 2, 3]);
  });

  it('replaces a value without growing', () => {
    const map = new LruMap<string, number>(2);
    map.set('a', 1);
    map.set('a', 2);
    map.set('b', 3);
    expect([map.size, map.get('a'), map.get('b')]).toEqual([2, 2, 3]);
  });

  it('takes keys such as __proto__ for keys', () => {
    const map = new LruMap<string, number>(2);
    expect(map.get('__proto__')).toBeUndefined();
    map.set('__proto__', 1);
    expect(map.get('__proto__')).toBe(1);
    map.delete('__proto__');
    expect(map.size).toBe(0);
  });
});
