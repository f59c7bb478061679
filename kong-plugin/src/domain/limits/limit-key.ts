import { sha256 } from '../sha256.ts';
import type { LimitRule } from './limit-rule.ts';

/** Redis keeps keys in memory and PostgreSQL in an index; names may have 256 characters each, and there are up to eight. */
const MAX_PLAIN_CHARACTERS = 240;

/**
 * The key of one counter: a tag in braces, then a JSON array, in which no two lists of parts look alike; a long array is
 * replaced by its SHA-256. All counters of one tenant have the same tag, so that Redis Cluster keeps them on one node and
 * a single script may change them; limits across tenants share the tag `{*}`. `parts` is the array as text: most of it is
 * known before the call.
 */
const limitKey = (tag: string, parts: string): string =>
  `${tag}${parts.length <= MAX_PLAIN_CHARACTERS ? parts : `#${sha256(parts)}`}`;

/** By the start of its window, in milliseconds since the epoch, and the digest of the arguments whose repetition is counted. */
export type KeyAt = (startsAt: number, digest: string | undefined) => string;

/** What is known of a limit's keys before the call: the tag, and the first items of the array. */
interface KnownParts {
  readonly tag: string;
  readonly parts: readonly (string | null)[];
}

/**
 * The keys of one limit's counters. While a window lasts the key is the same text, whose hash is known by then: to make and to
 * hash three of them took as long as to count.
 */
export const limitKeys = ({ kind, window }: Pick<LimitRule, 'kind' | 'window'>, { tag, parts }: KnownParts): KeyAt => {
  const head = JSON.stringify(parts).slice(0, -1);
  // Leases of one counter overlap in time: it has no window.
  const textAt = (startsAt: number): string => (kind === 'concurrent' ? head : `${head},"${window}",${startsAt}`);
  let last: { readonly startsAt: number; readonly text: string; readonly key: string } | undefined;
  return (startsAt, digest) => {
    if (last === undefined || (last.startsAt !== startsAt && kind !== 'concurrent')) {
      const text = textAt(startsAt);
      last = { startsAt, text, key: limitKey(tag, `${text}]`) };
    }
    return digest === undefined ? last.key : limitKey(tag, `${last.text},"${digest}"]`);
  };
};

/** Undefined: not counted per tenant. `t:`, `h:` and `n` keep a tenant from being named like another's hash, or like no tenant. */
export const tenantTag = (tenant: string | null | undefined): string => {
  if (tenant === undefined) return '{*}';
  if (tenant === null) return '{n}';
  return /^[A-Za-z0-9._-]{1,64}$/.test(tenant) ? `{t:${tenant}}` : `{h:${sha256(tenant).slice(0, 32)}}`;
};
