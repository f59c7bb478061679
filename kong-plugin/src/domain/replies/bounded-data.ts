import type { JsonValue } from '../json/json-value.ts';
import { plainText } from './plain-text.ts';

/** A refusal's data names a few things; anything larger was echoed by mistake. */
const MAX_ENTRIES = 16;
const MAX_DEPTH = 3;
const MAX_CHARACTERS = 128;

/** The part of a refusal's `data` that may be told: JSON, of few entries, with short printable texts. */
export const boundedData = (value: unknown, depth = 0): JsonValue | undefined => {
  if (typeof value === 'string') return plainText(value, { maxCharacters: MAX_CHARACTERS });
  if (typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'object' || depth === MAX_DEPTH) return undefined;
  if (Array.isArray(value)) {
    return value.slice(0, MAX_ENTRIES).flatMap((item: unknown) => boundedData(item, depth + 1) ?? []);
  }
  const entries = Object.entries(value).slice(0, MAX_ENTRIES);
  return Object.fromEntries(
    entries.flatMap(([key, item]: [string, unknown]) => {
      const told = boundedData(item, depth + 1);
      return told === undefined ? [] : [[plainText(key, { maxCharacters: MAX_CHARACTERS }), told]];
    }),
  );
};
