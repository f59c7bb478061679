/** Digits with at most two separators (visible or not) between them: what people and forms make of a card number. */
const digitRun = /\d(?:[\s\p{Pd}\p{Cf}]{0,2}\d){12,}/gu;
const ibanCandidate = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}/g;

const MIN_CARD_DIGITS = 13;
const MAX_CARD_DIGITS = 19;
const MIN_IBAN_CHARACTERS = 15;

/** Replaces card numbers; an IBAN, which often contains a number that passes Luhn, stays. */
export const replaceCardNumbers = (text: string, replacement: string): string => {
  let replaced = '';
  let done = 0;
  for (const candidate of text.matchAll(ibanCandidate)) {
    const end = candidate.index + ibanLength(candidate[0]);
    if (end === candidate.index) continue;
    replaced += replaceOutsideIbans(text.slice(done, candidate.index), replacement) + text.slice(candidate.index, end);
    done = end;
  }
  return replaced + replaceOutsideIbans(text.slice(done), replacement);
};

const replaceOutsideIbans = (text: string, replacement: string): string =>
  text.replace(digitRun, (run) => replaceInRun(run, replacement));

/** Is the number, written out, a card number? */
export const isCardNumber = (digits: string): boolean =>
  digits.length >= MIN_CARD_DIGITS &&
  digits.length <= MAX_CARD_DIGITS &&
  /^[1-9]\d*$/.test(digits) &&
  // Thirteen digits that start with 1 are milliseconds since the epoch; one in ten of them passes Luhn.
  !(digits.length === 13 && digits.startsWith('1')) &&
  passesLuhn(digits);

/** A card number starts and ends at a group of digits, so `order 1712345678 4111 1111 1111 1111` loses only the card. */
const replaceInRun = (run: string, replacement: string): string => {
  const groups = [...run.matchAll(/\d+/g)];
  let replaced = '';
  let done = 0;
  for (const [index, group] of groups.entries()) {
    if (group.index < done) continue;
    const end = endOfCard(groups.slice(index, index + MAX_CARD_DIGITS));
    if (end === undefined) continue;
    replaced += run.slice(done, group.index) + replacement;
    done = end;
  }
  return replaced + run.slice(done);
};

const endOfCard = (groups: readonly RegExpExecArray[]): number | undefined => {
  let digits = '';
  let end: number | undefined;
  for (const group of groups) {
    digits += group[0];
    if (digits.length > MAX_CARD_DIGITS) break;
    if (isCardNumber(digits)) end = group.index + group[0].length;
  }
  return end;
};

const passesLuhn = (digits: string): boolean => {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const weighted = index % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
};

/** Length of the longest start of the candidate that is a valid IBAN (ISO 13616: remainder 1 modulo 97), 0 when there is none. */
const ibanLength = (candidate: string): number => {
  const head = candidate.slice(0, 4);
  let remainder = 0;
  let characters = 4;
  let length = 0;
  for (let at = 4; at < candidate.length; at += 1) {
    if (candidate[at] === ' ') continue;
    remainder = appendToRemainder(remainder, candidate.charAt(at));
    characters += 1;
    const isValid = [...head].reduce(appendToRemainder, remainder) === 1;
    if (isValid && characters >= MIN_IBAN_CHARACTERS) length = at + 1;
  }
  return length;
};

/** A letter counts as two digits, `A` as 10. */
const appendToRemainder = (remainder: number, character: string): number => {
  const value = Number.parseInt(character, 36);
  return (remainder * (value > 9 ? 100 : 10) + value) % 97;
};
