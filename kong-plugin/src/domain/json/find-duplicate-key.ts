/**
 * The first key that an object of this valid JSON text repeats, for the refusal's detail. Slower than the count that found
 * the request out, and only for requests that are refused anyway. No regular expression: one over megabytes of string
 * overflows the engine's backtracking stack, which throws.
 */
export const findDuplicateKey = (text: string): string | undefined => {
  const keysOfLevel: Set<string>[] = [];
  let lastString = '""';
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') {
      const end = endOfString(text, index);
      lastString = text.slice(index, end);
      index = end - 1;
    } else if (character === '{' || character === '[') {
      keysOfLevel.push(new Set());
    } else if (character === '}' || character === ']') {
      keysOfLevel.pop();
    } else if (character === ':') {
      const key = String(JSON.parse(lastString));
      const keys = keysOfLevel.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return undefined;
};

/** Index behind the closing quote of the string that starts at `start`. */
const endOfString = (text: string, start: number): number => {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index + 1;
};
