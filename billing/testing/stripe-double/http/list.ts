import { invalidRequest, noSuch } from '../state/stripe-failure.ts';

export interface PageParameters {
  readonly limit?: number;
  readonly starting_after?: string;
  readonly ending_before?: string;
}

export interface Page<Item> {
  object: 'list';
  data: Item[];
  has_more: boolean;
  url: string;
}

export interface PageOptions<RecordType, Item> {
  /** What the objects are called in "No such …". */
  readonly kind: string;
  readonly url: string;
  readonly idOf: (record: RecordType) => string;
  readonly toItem: (record: RecordType) => Item;
}

const defaultLimit = 10;
const maximumLimit = 100;

/** A page of `records`, which come in the order Stripe lists them (newest first, for most). */
export function toPage<RecordType, Item>(
  records: readonly RecordType[],
  params: PageParameters,
  options: PageOptions<RecordType, Item>,
): Page<Item> {
  const limit = readLimit(params.limit);
  if (params.starting_after !== undefined && params.ending_before !== undefined) {
    throw invalidRequest('You cannot specify both starting_after and ending_before.');
  }
  const indexOf = (id: string, param: string): number => {
    const index = records.findIndex((record) => options.idOf(record) === id);
    if (index === -1) throw noSuch(options.kind, id, param);
    return index;
  };
  let from = 0;
  let to = records.length;
  if (params.starting_after !== undefined) from = indexOf(params.starting_after, 'starting_after') + 1;
  if (params.ending_before !== undefined) {
    to = indexOf(params.ending_before, 'ending_before');
    from = Math.max(0, to - limit);
  }
  const page = records.slice(from, Math.min(to, from + limit));
  const hasMore = params.ending_before === undefined ? from + limit < records.length : from > 0;
  return { object: 'list', data: page.map(options.toItem), has_more: hasMore, url: options.url };
}

function readLimit(limit: number | undefined): number {
  if (limit === undefined) return defaultLimit;
  if (limit > maximumLimit) {
    throw invalidRequest(`This value must be less than or equal to ${maximumLimit} (it currently is '${limit}').`, {
      param: 'limit',
    });
  }
  if (limit < 1) throw invalidRequest('This value must be greater than or equal to 1.', { param: 'limit' });
  return limit;
}

export interface Range {
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
}

/** `created` filters: a moment or a range. */
export function within(value: number, range: number | Range | undefined): boolean {
  if (range === undefined) return true;
  if (typeof range === 'number') return value === range;
  return (
    value > (range.gt ?? -Infinity) &&
    value >= (range.gte ?? -Infinity) &&
    value < (range.lt ?? Infinity) &&
    value <= (range.lte ?? Infinity)
  );
}

/** The records of a map, newest first. */
export function newestFirst<RecordType>(records: ReadonlyMap<string, RecordType>): RecordType[] {
  return [...records.values()].reverse();
}
