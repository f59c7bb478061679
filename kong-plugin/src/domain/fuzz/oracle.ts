/**
 * Which tools could some lenient server run for these bytes? Written apart from the reader and with nothing of it: it tries
 * every way of decoding, splitting and looking up keys that was seen in a real server (facts: mcp.md §0 and §8).
 */
export const toolsALenientServerMightRun = (body: Uint8Array): ReadonlySet<string> =>
  new Set(['utf-8', 'utf-16le', 'utf-16be'].flatMap((encoding) => toolsIn(decode(body, encoding))));

/** Drops a byte order mark and replaces what cannot be decoded, as lenient servers do. */
const decode = (body: Uint8Array, encoding: string): string => new TextDecoder(encoding).decode(body);

const toolsIn = (text: string): readonly string[] => {
  // A number before each key keeps duplicates apart through JSON.parse, so that first-wins and last-wins are both tried.
  let count = 0;
  const numbered = text.replace(/"((?:[^"\\]|\\.)*)"(\s*:)?/gs, (string, key: string, colon?: string) =>
    colon === undefined ? string : `"${count++}#${key}"${colon}`,
  );
  try {
    return toolsOf(JSON.parse(numbered));
  } catch {
    return [];
  }
};

const toolsOf = (message: unknown): readonly string[] => {
  if (Array.isArray(message)) return message.flatMap(toolsOf);
  const isCall = membersOf(message, 'method').some((method) => lenient(method) === 'tools/call');
  const names = membersOf(message, 'params').flatMap((params) => membersOf(params, 'name'));
  return isCall ? names.filter((name) => typeof name === 'string') : [];
};

/** Every occurrence of the key, also in another case, with NULs and blanks, in compatibility forms. */
const membersOf = (value: unknown, name: string): readonly unknown[] =>
  Object.entries(value ?? {}).flatMap(([key, member]: [string, unknown]) =>
    lenient(key.slice(key.indexOf('#') + 1)) === name ? [member] : [],
  );

const lenient = (text: unknown): string => String(text).replaceAll('\u0000', '').normalize('NFKC').toLowerCase().trim();
