/** From and to, both included. */
export interface SequenceRange {
  readonly from: number;
  readonly to: number;
}

/** What was received of one run of one node. Its sequences start at 1 and have no gaps, so that a missing one was lost. */
export interface SequenceState {
  /** Everything up to here was received. */
  readonly contiguous: number;
  readonly max: number;
  /** What is missing below `max`, in order. */
  readonly gaps: readonly SequenceRange[];
}

export const nothingReceived: SequenceState = { contiguous: 0, max: 0, gaps: [] };

/** The state after these sequences; they may come in any order, and again. */
export const receiveSequences = (state: SequenceState, sequences: readonly number[]): SequenceState => {
  const ranges = toRanges(sequences);
  const last = ranges.at(-1)?.to ?? 0;
  const max = Math.max(state.max, last);
  // Between what was known and the new end everything is missing until the ranges below fill it.
  const missing = last > state.max ? [...state.gaps, { from: state.max + 1, to: last }] : state.gaps;
  const gaps = ranges.reduce<readonly SequenceRange[]>(fill, missing);
  return { contiguous: (gaps[0]?.from ?? max + 1) - 1, max, gaps };
};

const toRanges = (sequences: readonly number[]): readonly SequenceRange[] => {
  const sorted = [...sequences].sort((a, b) => a - b);
  const ranges: { from: number; to: number }[] = [];
  for (const sequence of sorted) {
    const open = ranges.at(-1);
    if (open !== undefined && sequence <= open.to + 1) open.to = sequence;
    else ranges.push({ from: sequence, to: sequence });
  }
  return ranges;
};

const fill = (gaps: readonly SequenceRange[], received: SequenceRange): readonly SequenceRange[] =>
  gaps.flatMap((gap) => {
    if (received.to < gap.from || received.from > gap.to) return [gap];
    return [
      { from: gap.from, to: received.from - 1 },
      { from: received.to + 1, to: gap.to },
    ].filter(({ from, to }) => from <= to);
  });
