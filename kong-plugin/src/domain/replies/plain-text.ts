/** Control, format (bidirectional, zero-width), lone surrogate and line-separator characters: nothing a message needs. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Nearly every name and header; what it matches holds nothing to remove. */
const printableAscii = /^[ -~]*$/;

/**
 * Text that came from a client, made fit to be shown or logged: without invisible characters and at most
 * `maxCharacters` long.
 */
export const plainText = (text: string, { maxCharacters }: { readonly maxCharacters: number }): string => {
  if (text.length <= maxCharacters && printableAscii.test(text)) return text;
  // The window keeps a message of 4 MB from being searched for the sake of its first line.
  const printable = text.slice(0, maxCharacters * 4).replace(unprintable, '');
  const isCut = printable.length > maxCharacters || text.length > maxCharacters * 4;
  return isCut ? `${printable.slice(0, maxCharacters).replace(/[\uD800-\uDBFF]$/, '')}…` : printable;
};
