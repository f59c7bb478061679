/**
 * A pattern of the operator: `*` is any run of characters, everything else literal and case-sensitive. No regular
 * expressions: each literal part is searched once, left to right, so there is nothing to backtrack into.
 */
export interface Pattern {
  /** Literal text before the first `*`; the whole pattern when it has none. */
  readonly prefix: string;
  /** Literal parts between two `*`, in order. */
  readonly middle: readonly string[];
  /** Literal text after the last `*`; undefined when the pattern has none. */
  readonly suffix: string | undefined;
}

export const compilePattern = (pattern: string): Pattern => {
  const [prefix = '', ...rest] = pattern.split('*');
  return { prefix, middle: rest.slice(0, -1).filter((part) => part !== ''), suffix: rest.at(-1) };
};

export const isExact = (pattern: Pattern): boolean => pattern.suffix === undefined;

/** `*`, `**`, ...: matches every text. */
export const isEverything = (pattern: Pattern): boolean =>
  pattern.prefix === '' && pattern.suffix === '' && pattern.middle.length === 0;

export const matchesPattern = (pattern: Pattern, text: string): boolean => {
  const { prefix, middle, suffix } = pattern;
  if (suffix === undefined) return text === prefix;
  const end = text.length - suffix.length;
  if (!text.startsWith(prefix) || !text.endsWith(suffix)) return false;
  let from = prefix.length;
  for (const part of middle) {
    const found = text.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return from <= end;
};

/**
 * Does `wide` match every text that `narrow` matches? A `*` of `narrow` can only be taken up by a `*` of `wide`,
 * because the literal parts of `wide` hold none.
 */
export const coversPattern = (wide: string, narrow: string): boolean => matchesPattern(compilePattern(wide), narrow);
