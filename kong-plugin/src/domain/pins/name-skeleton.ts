import { dropHidden, isPrintableAscii } from './hidden-characters.ts';

/**
 * Letters that look like Latin ones, by the Latin letter. Cyrillic and Greek only, and of those the ones that common
 * fonts draw alike; capitals apart because capital and small letter of one pair may look like two Latin letters
 * (Greek Ν and ν: N and v). Unicode's own table (UTS #39) has some 6,000 pairs over all scripts.
 */
const capitals: Readonly<Record<string, string>> = {
  A: 'АΑ',
  B: 'ВΒ',
  C: 'СϹ',
  E: 'ЕΕ',
  H: 'НΗ',
  I: 'ІΙӀ',
  J: 'ЈͿ',
  K: 'КΚ',
  M: 'МΜ',
  N: 'Ν',
  O: 'ОΟ',
  P: 'РΡ',
  S: 'Ѕ',
  T: 'ТΤ',
  X: 'ХΧ',
  Y: 'УΥҮ',
  Z: 'Ζ',
};

const smallLetters: Readonly<Record<string, string>> = {
  a: 'аαɑ',
  b: 'вβЬь',
  c: 'сϲ',
  d: 'ԁ',
  e: 'еεє',
  g: 'ɡ',
  h: 'һн',
  i: 'іιı',
  j: 'јϳ',
  k: 'кκ',
  l: 'ӏ',
  m: 'м',
  n: 'пη',
  o: 'оοσ',
  p: 'рρ',
  q: 'ԛ',
  r: 'г',
  s: 'ѕ',
  t: 'тτ',
  u: 'υ',
  v: 'ѵν',
  w: 'ԝω',
  x: 'хχ',
  y: 'уγү',
};

const toLatin: ReadonlyMap<string, string> = new Map(
  [capitals, smallLetters].flatMap((table) =>
    Object.entries(table).flatMap(([latin, alike]) => [...alike].map((letter) => [letter, latin] as const)),
  ),
);

/** Look-alike letters as Latin ones, and compatibility forms (full width, mathematical) as plain ones. */
export const foldLetters = (text: string): string =>
  isPrintableAscii(text)
    ? text
    : [...dropHidden(text).normalize('NFKC')].map((letter) => toLatin.get(letter) ?? letter).join('');

/**
 * Two names with one skeleton are hard to tell apart: without case, accents and what cannot be seen, look-alike letters
 * as Latin ones, and the pairs that people misread in ASCII (0/o, 1/l/i, rn/m, vv/w) as one.
 */
export const nameSkeleton = (name: string): string =>
  foldLetters(name.normalize('NFKD').replace(/[\p{M}\p{Z}\s]/gu, ''))
    .toLowerCase()
    .replace(/0/g, 'o')
    .replace(/[1i|]/g, 'l')
    .replace(/rn/g, 'm')
    .replace(/vv/g, 'w');

/** The name mixes Latin letters with ones of a script that has look-alikes. */
export const mixesScripts = (name: string): boolean =>
  /\p{Script=Latin}/u.test(name) && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(name);

export interface ToolName {
  readonly server: string;
  readonly tool: string;
}

/** Finds the names that look like another. Built once for a set of names, asked for each. */
export class LookalikeIndex {
  readonly #bySkeleton = new Map<string, ToolName[]>();

  constructor(names: Iterable<ToolName>) {
    for (const { server, tool } of names) {
      const skeleton = nameSkeleton(tool);
      const alike = this.#bySkeleton.get(skeleton) ?? [];
      alike.push({ server, tool });
      this.#bySkeleton.set(skeleton, alike);
    }
  }

  /** Sentences about look-alikes of the tool. The same name on two servers is no look-alike: it is the same name. */
  warnings({ server, tool }: ToolName): readonly string[] {
    const alike = (this.#bySkeleton.get(nameSkeleton(tool)) ?? []).filter((other) => other.tool !== tool);
    return alike
      .slice(0, MAX_NAMED)
      .map((other) =>
        other.server === server
          ? `The name looks like ${quote(other.tool)} of the same server.`
          : `The name looks like ${quote(other.tool)} of the server ${quote(other.server)}.`,
      );
  }
}

/** More would make a server with thousands of names alike a way to fill a page. */
const MAX_NAMED = 3;

/** ASCII only: the point is that the letters look alike. */
const quote = (name: string): string =>
  JSON.stringify(name).replace(/[^\x20-\x7E]/gu, (letter) => `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`);
