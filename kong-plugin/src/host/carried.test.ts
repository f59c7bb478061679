import { describe, expect, it } from 'vitest';
import type { Governed } from '../pipeline/govern.ts';
import { carry, readCarried } from './carried.ts';

const admitted = { server: 'orders', kind: 'tool', method: 'tools/call', decision: 'allow', requestBytes: 9 } as const;
const units = [
  { key: 'a', cost: 2, endsAt: 9, kind: 'rate', giveBack: ['server_error', 'tool_error'] },
  { key: 'b', cost: 1, endsAt: 9, kind: 'concurrent', giveBack: [] },
] as const;
const governedWith = (demands: readonly object[]): Governed =>
  ({
    effect: 'forward',
    message: { call: { kind: 'task' } },
    taken: { takeId: 'f0e1', demands },
  }) as unknown as Governed;

describe('what a request carries', () => {
  it('comes back as it was, but for what giving back does not need', () => {
    const position = { nodeId: 'gw-1', epoch: '019c', sequence: 4 };
    const governed = governedWith(units.map((unit) => ({ ...unit, rule: 'r', limit: 5, window: 'day' })));
    expect(readCarried(carry('f0e1', { admitted, governed, position }))).toEqual({
      admission: admitted,
      position,
      taken: { takeId: 'f0e1', demands: units },
    });
  });

  it('says nothing of units where nothing was taken', () => {
    expect(readCarried(carry('f0e1', { admitted, governed: governedWith([]) }))).toEqual({ admission: admitted });
  });
});
