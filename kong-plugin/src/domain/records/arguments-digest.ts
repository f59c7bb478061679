import { canonicalJson } from '../json/canonical-json.ts';
import type { JsonValue } from '../json/json-value.ts';
import { sha256 } from '../sha256.ts';

/** A call's arguments are asked for by the loop breaker, a policy engine and the record; nobody changes them. */
const digests = new WeakMap<object, string>();

/**
 * Hex SHA-256 of the canonical JSON (RFC 8785) of a call's arguments as sent: two calls with the same arguments have the same
 * digest however they were written. It is no protection for a value that can be guessed.
 */
export const argumentsDigest = (value: JsonValue): string => {
  const known = typeof value === 'object' && value !== null ? digests.get(value) : undefined;
  if (known !== undefined) return known;
  const digest = sha256(canonicalJson(value));
  if (typeof value === 'object' && value !== null) digests.set(value, digest);
  return digest;
};
