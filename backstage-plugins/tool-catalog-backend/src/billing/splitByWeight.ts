/**
 * Splits a total by weights without losing a unit, as billing splits the lines of a statement: each gets the whole part of its
 * share, and what is left goes one by one to the largest remainders, earlier ones first. A negative total is split as its
 * positive and negated. The weights' sum must be above 0.
 */
export const splitByWeight = (total: bigint, weights: readonly bigint[]): readonly bigint[] => {
  if (total < 0n) return splitByWeight(-total, weights).map((part) => -part);
  const sum = weights.reduce((before, weight) => before + weight, 0n);
  const parts = weights.map((weight) => (total * weight) / sum);
  const left = Number(total - parts.reduce((before, part) => before + part, 0n));
  const lucky = weights
    .map((weight, index) => ({ index, remainder: (total * weight) % sum }))
    .sort((one, other) =>
      one.remainder === other.remainder ? one.index - other.index : one.remainder > other.remainder ? -1 : 1,
    )
    .slice(0, left);
  for (const { index } of lucky) parts[index] = (parts[index] ?? 0n) + 1n;
  return parts;
};
