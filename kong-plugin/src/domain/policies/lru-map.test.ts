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

  it('forgets in the order of use, however often it was full before', () => {
    const map = new LruMap<number, number>(10);
    for (let key = 0; key < 1_000; key++) {
      map.set(key, key);
      map.get(key - (key % 7));
      if (key % 13 === 0) map.delete(key - 3);
    }
    const model = new Map<number, number>();
    const touch = (key: number) => model.delete(key) && model.set(key, key);
    for (let key = 0; key < 1_000; key++) {
      model.set(key, key);
      for (const oldest of [...model.keys()].slice(0, Math.max(0, model.size - 10))) model.delete(oldest);
      touch(key - (key % 7));
      if (key % 13 === 0) model.delete(key - 3);
    }
    const kept = Array.from({ length: 1_000 }, (_, key) => key).filter((key) => map.get(key) !== undefined);
    expect(kept).toEqual([...model.keys()].toSorted((left, right) => left - right));
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
