const units: readonly (readonly [name: string, seconds: number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** Whole seconds until a moment, rounded up so that who waits them is not early; at least 1. */
export const secondsUntil = (moment: number, now: number): number => Math.max(1, Math.ceil((moment - now) / 1000));

/** `12 s`, `3 h 20 min`, `29 d 4 h`: the two largest units. */
export const durationText = (seconds: number): string => {
  const largest = units.findIndex(([, length]) => seconds >= length);
  const [first, second] = units.slice(largest, largest + 2);
  if (first === undefined) return '0 s';
  const rest = second === undefined ? 0 : Math.floor((seconds % first[1]) / second[1]);
  const text = `${Math.floor(seconds / first[1])} ${first[0]}`;
  return second === undefined || rest === 0 ? text : `${text} ${rest} ${second[0]}`;
};

/** RFC 3339 in UTC, whole seconds. */
export const timeText = (moment: number): string =>
  `${new Date(Math.ceil(moment / 1000) * 1000).toISOString().slice(0, 19)}Z`;
