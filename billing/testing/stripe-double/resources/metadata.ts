import type { Metadata } from '../state/records.ts';
import { invalidRequest } from '../state/stripe-failure.ts';

// Stripe's documented limits: 50 keys of at most 40 characters, values of at most 500.
const keyLimit = 50;
const keyLength = 40;
const valueLength = 500;

type MetadataParameter = Readonly<Record<string, string | number | null>> | '' | null | undefined;

/** Metadata after an update: given keys are set, empty ones unset, `''` for all of it clears it. */
export function mergeMetadata(current: Metadata, given: MetadataParameter): Metadata {
  if (given === undefined) return current;
  if (given === '' || given === null) return {};
  const merged: Metadata = { ...current };
  for (const [key, value] of Object.entries(given)) {
    if (value === null || value === '') delete merged[key];
    else merged[key] = String(value);
  }
  check(merged);
  return merged;
}

function check(metadata: Metadata): void {
  if (Object.keys(metadata).length > keyLimit) {
    throw invalidRequest(`You can only set ${keyLimit} metadata keys.`, { param: 'metadata' });
  }
  for (const [key, value] of Object.entries(metadata)) {
    if (key.length > keyLength) {
      throw invalidRequest(`Metadata keys can be at most ${keyLength} characters long: '${key}'.`, {
        param: 'metadata',
      });
    }
    if (value.length > valueLength) {
      throw invalidRequest(
        `Metadata values can have up to ${valueLength} characters, but you passed in a value that is ${value.length} characters. Invalid value: ${value}`,
        { param: `metadata[${key}]` },
      );
    }
  }
}
