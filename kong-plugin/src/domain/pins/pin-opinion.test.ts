import { describe, expect, it } from 'vitest';
import type { PinMode } from '../snapshot/snapshot.ts';
import { pinOpinion } from './pin-opinion.ts';
import type { PinState } from './pinned-tool.ts';

const states: readonly (PinState | undefined)[] = ['new', 'approved', 'changed', 'withdrawn', undefined];

const refused = (mode: PinMode, historyLost: boolean): readonly (PinState | undefined)[] =>
  states.filter((state) => pinOpinion(mode, state, { historyLost }).effect === 'deny');

describe('what pins say about a tool', () => {
  it.each<[PinMode, boolean, readonly (PinState | undefined)[]]>([
    ['observe', false, []],
    ['observe', true, []],
    ['quarantine_changed', false, ['changed', 'withdrawn']],
    ['quarantine_changed', true, ['new', 'changed', 'withdrawn', undefined]],
    ['approve_new', false, ['new', 'changed', 'withdrawn', undefined]],
    ['approve_new', true, ['new', 'changed', 'withdrawn', undefined]],
  ])('%s, history lost %s: refuses %j', (mode, historyLost, expected) => {
    expect(refused(mode, historyLost)).toEqual(expected);
  });

  it('is never that a tool is allowed: that is for the access rules', () => {
    for (const mode of ['observe', 'quarantine_changed', 'approve_new'] as const)
      for (const state of states) expect(['none', 'deny']).toContain(pinOpinion(mode, state).effect);
  });

  it('names rule, reason and what the caller can do', () => {
    expect(pinOpinion('quarantine_changed', 'changed')).toEqual({
      effect: 'deny',
      rule: 'pins:changed',
      reason: 'tool_quarantined',
      detail:
        'This tool has changed since it was approved. An operator of the gateway has to look at it; retrying does not help.',
    });
  });
});
