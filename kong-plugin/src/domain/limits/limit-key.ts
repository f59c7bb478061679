import { sha256 } from '../sha256.ts';

/** Redis keeps keys in memory and PostgreSQL in an index; names may have 256 characters each, and there are up to eight. */
const MAX_PLAIN_CHARACTERS = 240;

/**
 * The key of one counter: a tag in braces, then a JSON array, in which no two lists of parts look alike; a long array is
 * replaced by its SHA-256. All counters of one tenant have the same tag, so that Redis Cluster keeps them on one node and
 * a single script may change them; limits across tenants share the tag `{*}`. `parts` is the array as text: most of it is
 * known before the call.
 */
export const limitKey = (tag: string, parts: string): string =>
  `${tag}${parts.length <= MAX_PLAIN_CHARACTERS ? parts : `#${sha256(parts)}`}`;

/** Undefined: not counted per tenant. `t:`, `h:` and `n` keep a tenant from being named like another's hash, or like no tenant. */
export const tenantTag = (tenant: string | null | undefined): string => {
  if (tenant === undefined) return '{*}';
  if (tenant === null) return '{n}';
  return /^[A-Za-z0-9._-]{1,64}$/.test(tenant) ? `{t:${tenant}}` : `{h:${sha256(tenant).slice(0, 32)}}`;
};
