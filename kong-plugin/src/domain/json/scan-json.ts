export interface JsonScan {
  readonly isTooDeep: boolean;
  /** Keys in the text, repeated ones counted each time. Meaningful only when the text is valid JSON. */
  readonly keyCount: number;
  /** The text holds a `\u` escape: the only way in which valid UTF-8 can spell half of a surrogate pair. */
  readonly hasUnicodeEscape: boolean;
}

const QUOTE = 0x22;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LETTER_U = 0x75;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * One pass over the bytes, before anything recursive sees the value. A colon outside strings stands behind exactly one key.
 * Bytes of multi-byte characters are 0x80 and above and are never taken for punctuation.
 */
export const scanJson = (bytes: Uint8Array, options: { readonly maxDepth: number }): JsonScan => {
  const length = bytes.length;
  const { maxDepth } = options;
  let depth = 0;
  let keyCount = 0;
  let hasUnicodeEscape = false;
  let index = 0;
  while (index < length) {
    const byte = bytes[index++];
    if (byte === QUOTE) {
      while (index < length) {
        const inner = bytes[index++];
        if (inner === QUOTE) break;
        if (inner === BACKSLASH) {
          if (bytes[index] === LETTER_U) hasUnicodeEscape = true;
          index += 1;
        }
      }
    } else if (byte === COLON) {
      keyCount += 1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > maxDepth) return { isTooDeep: true, keyCount, hasUnicodeEscape };
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
    }
  }
  return { isTooDeep: false, keyCount, hasUnicodeEscape };
};
