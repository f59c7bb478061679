import { createHash } from 'node:crypto';
import { canonicalJson } from '../json/canonical-json.ts';
import type { JsonValue } from '../json/json-value.ts';

/**
 * Hex SHA-256 of the canonical JSON (RFC 8785) of a call's arguments as sent: two calls with the same arguments have the same
 * digest however they were written. It is no protection for a value that can be guessed.
 */
export const argumentsDigest = (value: JsonValue): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex');
