import { Buffer } from 'node:buffer';

/** Kinds of characters that a person does not see and a model reads, in the words of a warning. */
const hiddenKinds: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['characters of the Unicode tags block', /[\u{E0000}-\u{E007F}]/gu],
  ['variation selectors without a character to vary', /\p{Variation_Selector}/gu],
  ['bidirectional controls', /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu],
  ['zero-width characters', /[\u180E\u200B-\u200D\u2060\uFEFF]/gu],
  ['blank or invisible letters', /[\u00AD\u115F\u1160\u2800\u3164\uFFA0]|\u034F|\u17B4|\u17B5/gu],
  [
    'other invisible characters',
    /[\u2061-\u2065\u206A-\u206F\uFFF0-\uFFFB\u{1BCA0}-\u{1BCA3}\u{1D173}-\u{1D17A}\u{E0080}-\u{E00FF}\u{E01F0}-\u{E0FFF}]/gu,
  ],
  // Line feed, carriage return and tab are ordinary; an escape sequence can erase what a terminal shows.
  // eslint-disable-next-line no-control-regex
  ['control characters', /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/gu],
  ['private-use characters or halves of surrogate pairs', /[\p{Co}\p{Cs}]/gu],
];

const pictograph = '\\p{Extended_Pictographic}[\\uFE0E\\uFE0F\\p{EMod}]?';

/** Scripts whose ordinary spelling needs joiners (Persian, most scripts of India, ...). */
const joining = [
  ...['Arabic', 'Syriac', 'Mongolian', 'Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya'],
  ...['Tamil', 'Telugu', 'Kannada', 'Malayalam', 'Sinhala', 'Khmer'],
]
  .map((script) => `\\p{Script=${script}}`)
  .join('');

/** Where those characters are ordinary writing: emoji sequences, keycaps, the three flags, joiners, forms of ideographs. */
const ordinaryUses = new RegExp(
  [
    '\\u{1F3F4}\\u{E0067}\\u{E0062}(?:\\u{E0065}\\u{E006E}\\u{E0067}|\\u{E0073}\\u{E0063}\\u{E0074}|\\u{E0077}\\u{E006C}\\u{E0073})\\u{E007F}',
    `${pictograph}(?:\\u200D${pictograph})*`,
    '[0-9#*]\\uFE0F\\u20E3',
    `(?<=[${joining}])[\\u200C\\u200D](?![\\u200C\\u200D])`,
    '\\p{Script=Han}[\\uFE00-\\uFE02\\u{E0100}-\\u{E01EF}]',
  ].join('|'),
  'gu',
);

/** Almost every text: there is nothing to find in it. */
export const isPrintableAscii = (text: string): boolean => /^[\t\n\r -~]*$/.test(text);

/** What of a text cannot be seen, each kind with its number of characters, and what it spells where that can be read. */
export const findHidden = (text: string): readonly string[] => {
  if (isPrintableAscii(text)) return [];
  const rest = text.replace(ordinaryUses, ' ');
  return hiddenKinds.flatMap(([what, pattern]) => {
    const found = rest.match(pattern);
    return found === null ? [] : [`${found.length} ${what}${spelled(found)}`];
  });
};

/** Longest hidden text that is quoted. */
const MAX_QUOTED = 80;

const spelled = (characters: readonly string[]): string => {
  const bytes = characters.flatMap((character) => hiddenByte(character.codePointAt(0) ?? 0) ?? []);
  const text = Buffer.from(bytes)
    .toString('utf8')
    .replace(/[^\x20-\x7E]/g, '');
  return text.length < 3 ? '' : `, which spell ${JSON.stringify(text.slice(0, MAX_QUOTED))}`;
};

/** Tags are ASCII moved by U+E0000; the 256 variation selectors are used as the 256 bytes. */
const hiddenByte = (codePoint: number): number | undefined => {
  if (codePoint >= 0xe0000 && codePoint <= 0xe007f) return codePoint - 0xe0000;
  if (codePoint >= 0xfe00 && codePoint <= 0xfe0f) return codePoint - 0xfe00;
  if (codePoint >= 0xe0100 && codePoint <= 0xe01ef) return codePoint - 0xe0100 + 16;
  return undefined;
};

/** What Unicode says is not drawn by itself, and the blank Braille pattern, which is. */
const unseen = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u007F-\u009F\u2800]/gu;

/** The text with everything invisible written as `\u{...}`, for people who compare two of them. */
export const showHidden = (text: string): string =>
  text.replace(unseen, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`);

/** The text as it looks, for checks that hidden characters must not evade. */
export const dropHidden = (text: string): string => text.replace(unseen, '');
