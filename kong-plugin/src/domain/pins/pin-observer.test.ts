import { describe, expect, it } from 'vitest';
import { PinObserver, type ListPage, type Sighting } from './pin-observer.ts';
import type { ListedTools } from './read-definitions.ts';
import { definition, noon } from './testing/tools.ts';

const listed = (names: string, nextCursor?: string): ListedTools => ({
  definitions: names.split(' ').map((name) => definition(name)),
  isLast: nextCursor === undefined,
  ...(nextCursor === undefined ? {} : { nextCursor }),
});

const page = (names: string, fields: Partial<ListPage> & { readonly next?: string } = {}): ListPage => {
  const { next, ...rest } = fields;
  return { server: 'orders', caller: 'alice', listed: listed(names, next), ...rest };
};

/** What the last of the pages proves complete. */
const completes = (...pages: readonly ListPage[]): readonly string[] | undefined => {
  const observer = new PinObserver();
  let last: Sighting | undefined;
  for (const each of pages) last = observer.see(each, noon);
  return last?.complete === undefined ? undefined : [...last.complete].sort();
};

describe('a complete list', () => {
  it.each<[string, readonly ListPage[], readonly string[]]>([
    ['one page without cursors', [page('a b')], ['a', 'b']],
    ['two pages', [page('a', { next: 'c1' }), page('b', { cursor: 'c1' })], ['a', 'b']],
    [
      'three pages, one cursor empty',
      [page('a', { next: '' }), page('b', { cursor: '', next: 'c2' }), page('c', { cursor: 'c2' })],
      ['a', 'b', 'c'],
    ],
    [
      'two callers at the same moment',
      [
        page('a', { next: 'c1' }),
        page('x', { caller: 'bob', next: 'c1' }),
        page('y', { caller: 'bob', cursor: 'c1' }),
        page('b', { cursor: 'c1' }),
      ],
      ['a', 'b'],
    ],
    [
      'one begun again',
      [page('old', { next: 'c1' }), page('a', { next: 'c1' }), page('b', { cursor: 'c1' })],
      ['a', 'b'],
    ],
  ])('is %s', (_title, pages, names) => {
    expect(completes(...pages)).toEqual(names);
  });

  it.each<[string, readonly ListPage[]]>([
    ['a first page that has a next one', [page('a', { next: 'c1' })]],
    ['a last page alone', [page('b', { cursor: 'c1' })]],
    [
      'a last page fetched twice',
      [page('a', { next: 'c1' }), page('b', { cursor: 'c1' }), page('b', { cursor: 'c1' })],
    ],
    ['the wrong cursor', [page('a', { next: 'c1' }), page('b', { cursor: 'c2' })]],
    [
      'a skipped page',
      [page('a', { next: 'c1' }), page('b', { cursor: 'c1', next: 'c2' }), page('c', { cursor: 'c3' })],
    ],
    ['the first page of another caller', [page('a', { next: 'c1' }), page('b', { caller: 'bob', cursor: 'c1' })]],
    ['the first page of another server', [page('a', { next: 'c1' }), page('b', { server: 'x', cursor: 'c1' })]],
    [
      'a cursor that cannot be followed',
      [
        { server: 'orders', caller: 'alice', listed: { definitions: [], isLast: false } },
        page('b', { cursor: 'null' }),
      ],
    ],
  ])('is not %s', (_title, pages) => {
    expect(completes(...pages)).toBeUndefined();
  });

  it('spans 60 seconds and not one millisecond more', () => {
    const observer = new PinObserver();
    const span = (milliseconds: number): boolean => {
      observer.see(page('a', { next: 'c1' }), noon);
      return observer.see(page('b', { cursor: 'c1' }), noon + milliseconds).complete !== undefined;
    };
    expect(span(60_000)).toBe(true);
    expect(span(60_001)).toBe(false);
  });

  it('has at most 1,000 names before its last page: a server that pages forever is not followed', () => {
    const observer = new PinObserver();
    for (let index = 0; index <= 1_000; index += 1) {
      const cursor = index === 0 ? {} : { cursor: `c${index}` };
      observer.see(page(`t${index}`, { ...cursor, next: `c${index + 1}` }), noon);
    }
    expect(observer.see(page('last', { cursor: 'c1001' }), noon).complete).toBeUndefined();
  });

  it('is still found for the latest 128 of 129 callers who page at once, and not for the first', () => {
    const observer = new PinObserver();
    const callers = Array.from({ length: 129 }, (_, index) => `caller-${index}`);
    for (const caller of callers) observer.see(page('a', { caller, next: 'c1' }), noon);
    const done = callers.filter(
      (caller) => observer.see(page('b', { caller, cursor: 'c1' }), noon).complete !== undefined,
    );
    expect(done).toEqual(callers.slice(1));
  });
});

describe('a page', () => {
  it('shows its definitions at once, complete or not', () => {
    const seen = new PinObserver().see(page('b', { cursor: 'c9', next: 'c10' }), noon);
    expect(seen.definitions.map(({ name }) => name)).toEqual(['b']);
  });

  it('names the caller by a digest only', () => {
    const seen = new PinObserver().see(page('a', { caller: 'alice@example.com' }), noon);
    expect(seen.view).toMatch(/^[0-9a-f]{16}$/);
    expect(new PinObserver().see(page('a', { caller: 'bob' }), noon).view).not.toBe(seen.view);
  });
});
