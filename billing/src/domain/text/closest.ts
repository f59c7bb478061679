/** Candidates compared: a suggestion is worth a millisecond of a failed command, not more. */
const MAX_CANDIDATES = 5_000;
/** Longer words are not typing errors of each other. */
const MAX_LENGTH = 64;

/** The candidate that the word was meant to be: a few keystrokes away, whatever the case. Undefined when none is. */
export const closest = (word: string, candidates: readonly string[]): string | undefined => {
  if (word === '' || word.length > MAX_LENGTH) return undefined;
  const ranked = candidates
    .slice(0, MAX_CANDIDATES)
    .filter((candidate) => candidate !== '' && candidate.length <= MAX_LENGTH)
    .map((candidate) => ({ candidate, distance: distanceOf(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.min(3, Math.floor(candidate.length / 3))))
    .sort((left, right) => left.distance - right.distance);
  return ranked[0]?.candidate;
};

/** ` Did you mean acme?`, or nothing: to put behind a sentence. */
export const didYouMean = (word: string, candidates: readonly string[]): string => {
  const meant = closest(word, candidates);
  return meant === undefined ? '' : ` Did you mean ${meant}?`;
};

/** Insertions, deletions and replacements (Levenshtein). */
const distanceOf = (left: string, right: string): number => {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
};
