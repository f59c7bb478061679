/** Candidates that are compared; a suggestion is worth a few milliseconds of a failed load, not more. */
const MAX_CANDIDATES = 5_000;
/** Longer words are not typing errors of each other, and the comparison costs their product. */
const MAX_LENGTH = 64;

/** The candidate that the word was meant to be: the same but for case, `_` and `-`, or a few keystrokes away. */
export const closest = (word: string, candidates: Iterable<string>): string | undefined => {
  if (word === '' || word.length > MAX_LENGTH) return undefined;
  const plain = simplify(word);
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  let compared = 0;
  for (const candidate of candidates) {
    if (++compared > MAX_CANDIDATES) break;
    if (candidate.length > MAX_LENGTH || candidate === '') continue;
    const distance = distanceOf(plain, simplify(candidate));
    if (distance <= tolerance(candidate) && (best === undefined || distance < best.distance))
      best = { candidate, distance };
  }
  return best?.candidate;
};

export const didYouMean = (word: string, candidates: Iterable<string>): string | undefined => {
  const found = closest(word, candidates);
  return found === undefined ? undefined : `Did you mean ${found}?`;
};

/** `monday` for `mon`: what was cut off or added counts as one keystroke. */
const distanceOf = (word: string, candidate: string): number =>
  Math.min(word.length, candidate.length) >= 3 && (word.startsWith(candidate) || candidate.startsWith(word))
    ? Math.min(1, Math.abs(word.length - candidate.length))
    : editDistance(word, candidate);

/** One keystroke in three, at most three: `plan` for `plans`, not `day` for `rate`. */
const tolerance = (candidate: string): number => Math.min(3, Math.max(1, Math.floor(candidate.length / 3)));

const simplify = (word: string): string => word.toLowerCase().replace(/[\s_-]/g, '');

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
export const editDistance = (left: string, right: string): number => {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1];
      const isSwap =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current[column] = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (isSame ? 0 : 1),
        isSwap ? at(beforePrevious, column - 2) + 1 : Infinity,
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, right.length);
};

const at = (row: readonly number[], column: number): number => row[column] ?? Infinity;
