import { fetchText, type FetchFailure } from '../fetchText';
import { isRecord, type JsonRecord } from '../json';
import { failure, success, type Result } from '../result';

/** Kong's largest page. */
const PAGE_SIZE = 1_000;

/** A million entities: more than any catalog holds, and an end for a `next` that leads in circles. */
const MAX_PAGES = 1_000;

const MAX_PAGE_BYTES = 64 * 1024 * 1024;

export interface KongAdminApiOptions {
  /** With or without a path, e.g. `http://kong:8001` or `https://kong.example.com/admin/my-workspace`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
}

/** Reads Kong's Admin API; the same with and without a database. */
export class KongAdminApi {
  readonly #options: KongAdminApiOptions;

  constructor(options: KongAdminApiOptions) {
    this.#options = options;
  }

  /** Everything in the collection, page by page, or why it could not be read whole. */
  async list(collection: 'services' | 'routes' | 'plugins'): Promise<Result<readonly JsonRecord[], FetchFailure>> {
    const items: JsonRecord[] = [];
    const seen = new Set<string>();
    let offset: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const read = await this.#page(collection, offset);
      if (!read.ok) return read;
      items.push(...read.value.items);
      offset = read.value.offset;
      if (offset === undefined) return success(items);
      if (seen.has(offset)) break;
      seen.add(offset);
    }
    return failure({ kind: 'unreadable', sentence: `its list of ${collection} does not end` });
  }

  async #page(collection: string, offset: string | undefined): Promise<Result<Page, FetchFailure>> {
    const url = new URL(`${this.#options.url.replace(/\/$/, '')}/${collection}`);
    url.searchParams.set('size', String(PAGE_SIZE));
    if (offset !== undefined) url.searchParams.set('offset', offset);
    const text = await fetchText(url.href, { ...this.#options, maxBytes: MAX_PAGE_BYTES });
    return text.ok ? readPage(text.value, collection) : text;
  }
}

interface Page {
  readonly items: readonly JsonRecord[];
  readonly offset: string | undefined;
}

const readPage = (text: string, collection: string): Result<Page, FetchFailure> => {
  const unreadable = failure({ kind: 'unreadable' as const, sentence: `its list of ${collection} is not one of Kong` });
  const page = parseJson(text);
  if (!isRecord(page)) return unreadable;
  const { data } = page;
  // An empty list is `{}` where Lua wrote it.
  const items = Array.isArray(data) ? data : isRecord(data) && Object.keys(data).length === 0 ? [] : undefined;
  if (items === undefined || !items.every(isRecord)) return unreadable;
  // `next` is a path of Kong's own, wrong behind a proxy with another; the offset in it is what matters.
  const hasMore = typeof page.next === 'string';
  const offset = typeof page.offset === 'string' ? page.offset : undefined;
  if (hasMore && offset === undefined) return unreadable;
  return success({ items, offset: hasMore ? offset : undefined });
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
