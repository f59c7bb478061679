import { RecentMap } from './policies/recent-map.ts';

/** Longer texts are asked for each time: what clients send must not fill the memory. */
const MAX_CHARACTERS = 256;
const MAX_TEXTS = 2_048;

/** `derive`, asked once for each of the last texts: for names that clients choose, of which few are in use. */
export const rememberTexts = <Value extends string | object>(
  derive: (text: string) => Value,
): ((text: string) => Value) => {
  const known = new RecentMap<string, Value>(MAX_TEXTS);
  return (text) => {
    if (text.length > MAX_CHARACTERS) return derive(text);
    const remembered = known.get(text);
    if (remembered !== undefined) return remembered;
    const value = derive(text);
    known.set(text, value);
    return value;
  };
};
