import { canonicalJson } from '../json/canonical-json.ts';
import type { JsonObject } from '../json/json-value.ts';
import { onceInARow } from '../once-per-object.ts';
import { sha256 } from '../sha256.ts';

/**
 * Hex SHA-256 of the canonical JSON (RFC 8785) of a call's arguments as sent: two calls with the same arguments have the same
 * digest however they were written. It is no protection for a value that can be guessed. The loop breaker, a policy engine and the record
 * ask for it one after the other.
 */
export const argumentsDigest = onceInARow((sent: JsonObject): string => sha256(canonicalJson(sent)));
