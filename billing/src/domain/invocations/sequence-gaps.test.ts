import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nothingReceived, receiveSequences, type SequenceState } from './sequence-gaps.ts';

const receive = (...batches: readonly (readonly number[])[]): SequenceState =>
  batches.reduce(receiveSequences, nothingReceived);

describe('sequences of a node', () => {
  it.each<[string, readonly (readonly number[])[], SequenceState]>([
    ['in order', [[1, 2], [3]], { contiguous: 3, max: 3, gaps: [] }],
    ['out of order in a batch', [[3, 1, 2]], { contiguous: 3, max: 3, gaps: [] }],
    [
      'again',
      [
        [1, 2],
        [2, 1, 1],
      ],
      { contiguous: 2, max: 2, gaps: [] },
    ],
    ['without the first', [[2, 3]], { contiguous: 0, max: 3, gaps: [{ from: 1, to: 1 }] }],
    ['with a hole', [[1, 2], [5]], { contiguous: 2, max: 5, gaps: [{ from: 3, to: 4 }] }],
    [
      'a hole filled',
      [
        [1, 4],
        [2, 3],
      ],
      { contiguous: 4, max: 4, gaps: [] },
    ],
    ['a hole filled from the left', [[1, 5], [2]], { contiguous: 2, max: 5, gaps: [{ from: 3, to: 4 }] }],
    [
      'a hole filled in the middle',
      [[1, 5], [3]],
      {
        contiguous: 1,
        max: 5,
        gaps: [
          { from: 2, to: 2 },
          { from: 4, to: 4 },
        ],
      },
    ],
    [
      'over two holes',
      [
        [1, 3, 5],
        [2, 3, 4],
      ],
      { contiguous: 5, max: 5, gaps: [] },
    ],
    ['none', [[1], []], { contiguous: 1, max: 1, gaps: [] }],
  ])('%s', (_title, batches, state) => {
    expect(receive(...batches)).toEqual(state);
  });

  it('give the state that a set of all of them gives, in whatever order and batches (500 runs)', () => {
    const batches = fc.array(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 }), { maxLength: 12 });
    fc.assert(
      fc.property(batches, (given) => {
        const all = new Set(given.flat());
        const max = Math.max(0, ...all);
        const missing = Array.from({ length: max }, (_, index) => index + 1).filter((sequence) => !all.has(sequence));
        const state = receive(...given);
        const inGaps = state.gaps.flatMap(({ from, to }) =>
          Array.from({ length: to - from + 1 }, (_, index) => from + index),
        );
        expect({ max: state.max, missing: inGaps }).toEqual({ max, missing });
        expect(state.contiguous).toBe((missing[0] ?? max + 1) - 1);
      }),
      { numRuns: 500, seed: 11 },
    );
  });
});
