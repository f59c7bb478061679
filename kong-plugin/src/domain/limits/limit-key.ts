import { sha256 } from '../sha256.ts';

export interface KeyParts {
  /** Undefined for a limit that is not counted per tenant. */
  readonly tenant?: string | null;
  /** JSON array of the parts, as text: most of it is known when a limit is compiled. */
  readonly parts: string;
}

/** Redis keeps keys in memory and PostgreSQL in an index; names may have 256 characters each, and there are up to eight. */
const MAX_PLAIN_CHARACTERS = 160;

/**
 * The key of one counter: a tag in braces, then a JSON array, in which no two lists of parts look alike; a long array is
 * replaced by its SHA-256. All counters of one tenant have the same tag, so that Redis Cluster keeps them on one node and
 * a single script may change them; limits across tenants share the tag `{*}`.
 */
export const limitKey = ({ tenant, parts }: KeyParts): string =>
  `${tagOf(tenant)}${parts.length <= MAX_PLAIN_CHARACTERS ? parts : `#${sha256(parts)}`}`;

/** `t:`, `h:` and `n` keep a tenant from being named like another's hash, or like no tenant. */
const tagOf = (tenant: string | null | undefined): string => {
  if (tenant === undefined) return '{*}';
  if (tenant === null) return '{n}';
  return /^[A-Za-z0-9._-]{1,64}$/.test(tenant) ? `{t:${tenant}}` : `{h:${sha256(tenant).slice(0, 32)}}`;
};
