import { describe, expect, it } from 'vitest';
import { RecentMap } from './recent-map.ts';

describe('RecentMap', () => {
  it('never holds more than its maximum of 6, and keeps the last 3 different keys', () => {
    const map = new RecentMap<string, number>(6);
    for (let index = 0; index < 100; index += 1) {
      map.set(`key-${index}`, index);
      expect(map.size).toBeLessThanOrEqual(6);
      for (const kept of [index, index - 1, index - 2].filter((each) => each >= 0))
        expect(map.get(`key-${kept}`)).toBe(kept);
    }
    expect(map.get('key-0')).toBeUndefined();
  });

  it('keeps a key for as long as it is asked for, among any number of others', () => {
    const map = new RecentMap<string, number>(4);
    map.set('hot', 1);
    for (let index = 0; index < 50; index += 1) {
      map.set(`cold-${index}`, index);
      expect(map.get('hot')).toBe(1);
    }
  });

  it('replaces a value, young or old, without holding the key twice', () => {
    const map = new RecentMap<string, number>(4);
    map.set('a', 1);
    map.set('a', 2);
    expect([map.size, map.get('a')]).toEqual([1, 2]);
    map.set('b', 3);
    map.set('c', 4);
    map.set('a', 5);
    expect([map.size, map.get('a'), map.get('b'), map.get('c')]).toEqual([3, 5, 3, 4]);
  });

  it('takes keys such as __proto__ for keys', () => {
    const map = new RecentMap<string, number>(2);
    expect(map.get('__proto__')).toBeUndefined();
    map.set('__proto__', 1);
    expect(map.get('__proto__')).toBe(1);
  });
});
