/**
 * Splits a total by weights without losing a unit: each gets the whole part of its share, and what is left goes one by one
 * to the largest remainders, earlier ones first. A negative total is split as its positive and negated. The weights' sum
 * must be above 0.
 */
export const splitByWeight = (total: bigint, weights: readonly bigint[]): readonly bigint[] => {
  if (total < 0n) return splitByWeight(-total, weights).map((part) => -part);
  const sum = weights.reduce((before, weight) => before + weight, 0n);
  const parts = weights.map((weight) => (total * weight) / sum);
  const remainders = weights.map((weight, index) => ({ index, remainder: (total * weight) % sum }));
  let left = total - parts.reduce((before, part) => before + part, 0n);
  remainders.sort((one, other) => {
    if (one.remainder === other.remainder) return one.index - other.index;
    return one.remainder > other.remainder ? -1 : 1;
  });
  for (const { index } of remainders) {
    if (left === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    left -= 1n;
  }
  return parts;
};
