import { adminErrors, type AdminAnswer } from './admin-errors.ts';

export type AdminEntity = Readonly<Record<string, unknown>> & { readonly id: string };

export interface ListOptions {
  /** Path of the collection, for `next`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

const DEFAULT_SIZE = 100;
const MAX_SIZE = 1_000;

/**
 * One page as DB-less Kong gives it: in the order of ids, with `offset` and `next` when there is more. Tags are looked at
 * after the page was cut, so a page may be short and still not be the last.
 */
export const listPage = (items: readonly AdminEntity[], options: ListOptions): AdminAnswer => {
  const size = readSize(options.query.get('size'));
  if (typeof size === 'string') return adminErrors.invalidSize(size);
  const offset = options.query.get('offset');
  const after = offset === null ? '' : decodeOffset(offset);
  if (after === undefined) return adminErrors.invalidOffset(offset ?? '');
  const tags = readTags(options.query.get('tags'));
  if (typeof tags === 'string') return adminErrors.invalidTags(tags);
  const sorted = [...items].sort((left, right) => (left.id < right.id ? -1 : 1)).filter(({ id }) => id > after);
  const page = sorted.slice(0, size);
  const last = page[page.length - 1];
  const next = sorted.length > size && last !== undefined ? encodeOffset(last.id) : undefined;
  return {
    status: 200,
    content: {
      data: page.filter((item) => tags?.(item) ?? true).map(toAdminEntity),
      ...(next === undefined ? { next: null } : { offset: next, next: nextPath(options, next) }),
    },
  };
};

const nextPath = ({ path, query }: ListOptions, offset: string): string => {
  const tags = query.get('tags');
  const size = query.get('size');
  const isNested = path.split('/').length > 2;
  const rest = isNested
    ? ''
    : `${tags === null ? '' : `&tags=${encodeURIComponent(tags)}`}${size === null ? '' : `&size=${size}`}`;
  return `${path}?offset=${encodeURIComponent(offset)}${rest}`;
};

const readSize = (text: string | null): number | string => {
  if (text === null) return DEFAULT_SIZE;
  const size = Number(text);
  if (text === '' || Number.isNaN(size)) return 'size must be a number';
  return Number.isInteger(size) && size >= 1 && size <= MAX_SIZE
    ? size
    : `size must be an integer between 1 and ${MAX_SIZE}`;
};

const encodeOffset = (id: string): string => Buffer.from(id).toString('base64').replaceAll('=', '');

const decodeOffset = (offset: string): string | undefined => {
  const id = Buffer.from(offset, 'base64').toString('utf8');
  return encodeOffset(id) === offset ? id : undefined;
};

/** `a,b`: all of them; `a/b`: any of them; both at once is refused. */
const readTags = (text: string | null): ((item: AdminEntity) => boolean) | string | undefined => {
  if (text === null) return undefined;
  if (text === '') return 'cannot be null';
  if (text.includes(',') && text.includes('/')) return 'invalid filter syntax';
  const wanted = text.split(/[,/]/);
  return (item) => {
    const tags = (item['tags'] ?? []) as readonly string[];
    const has = (tag: string): boolean => tags.includes(tag);
    return text.includes('/') ? wanted.some(has) : wanted.every(has);
  };
};

/** Kong shows configuration references unresolved and credentials in clear, so the Admin API must stay on loopback. */
export const toAdminEntity = (item: AdminEntity): AdminEntity => item;
