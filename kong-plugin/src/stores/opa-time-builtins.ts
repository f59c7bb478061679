import { LruMap } from '../domain/policies/lru-map.ts';

/**
 * OPA's functions about time, which a WASM module imports from its host and the SDK does not bring. Named and answering as
 * OPA does; undefined is what a failing function answers in Rego. `time.now_ns` is left out: the input has the time, and a
 * decision that can be repeated needs no other.
 */
export const timeBuiltins: Readonly<Record<string, (argument: unknown) => unknown>> = {
  'time.parse_rfc3339_ns': (text) => parseNanoseconds(text),
  'time.clock': (when) => numbersOf(when, ['hour', 'minute', 'second']),
  'time.date': (when) => numbersOf(when, ['year', 'month', 'day']),
  'time.weekday': (when) => partsOf(when)?.get('weekday'),
};

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** A double holds today's nanoseconds to within 256 of them. */
const parseNanoseconds = (text: unknown): number | undefined => {
  if (typeof text !== 'string' || !rfc3339.test(text)) return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : milliseconds * 1e6;
};

type Part = Intl.DateTimeFormatPartTypes;

const numbersOf = (when: unknown, names: readonly Part[]): readonly number[] | undefined => {
  const parts = partsOf(when);
  return parts && names.map((name) => Number(parts.get(name)));
};

/** `ns`, or `[ns, zone]` with an IANA name; without a zone, UTC. */
const partsOf = (when: unknown): ReadonlyMap<Part, string> | undefined => {
  const [nanoseconds, zone = 'UTC'] = (Array.isArray(when) ? when : [when]) as readonly unknown[];
  if (typeof nanoseconds !== 'number' || typeof zone !== 'string') return undefined;
  const format = formatOf(zone === '' ? 'UTC' : zone);
  const milliseconds = Math.floor(nanoseconds / 1e6);
  // The largest time a Date can hold; beyond it `formatToParts` throws.
  if (format === undefined || Math.abs(milliseconds) > 8.64e15) return undefined;
  return new Map(format.formatToParts(milliseconds).map(({ type, value }) => [type, value]));
};

/** A policy names one or two zones; making a format takes longer than evaluating the policy. */
const formats = new LruMap<string, Intl.DateTimeFormat>(64);

const formatOf = (timeZone: string): Intl.DateTimeFormat | undefined => {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  try {
    const made = new Intl.DateTimeFormat('en-US', { ...everyPart, timeZone });
    formats.set(timeZone, made);
    return made;
  } catch {
    // An unknown zone. The host's own zone (`Local` in OPA) is one of them: nodes would disagree.
    return undefined;
  }
};

const everyPart = {
  calendar: 'gregory',
  numberingSystem: 'latn',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
  weekday: 'long',
} as const;
