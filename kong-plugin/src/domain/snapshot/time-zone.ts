import type { TextFormat } from './shape.ts';
import { didYouMean } from './suggest.ts';

/** Asking `Intl` about one name costs 50 us, and 10,000 tenants may have 10,000 times the same. */
const knownZones: ReadonlySet<string> = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')]);

const pattern = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/u;

/** Names of the IANA database. Offsets such as `+01:00` are refused: they know no summer time. */
export const isTimeZone = (name: string): boolean => {
  if (knownZones.has(name)) return true;
  if (!pattern.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

export const timeZoneFormat: TextFormat = {
  pattern,
  mustBe: 'an IANA time zone such as Europe/Rome or UTC',
  check: isTimeZone,
  suggest: (text) => didYouMean(text, knownZones),
};
