import { describe, expect, it } from 'vitest';
import { demandsToReturn, type CallEnding } from './demands-to-return.ts';
import { decideWithoutStore } from './store-away.ts';
import { demandOf, noon } from './testing/fixtures.ts';
import { toGrant } from './to-grant.ts';

const standing = (used: number, resetsAt = noon + 60_000) => ({ used, resetsAt });

describe('a grant', () => {
  it.each<[number, number, boolean]>([
    [9, 1, true],
    [10, 1, false],
    [7, 3, true],
    [8, 3, false],
    [0, 11, false],
    [12, 1, false],
  ])('with %d of 10 used and a cost of %d: %s', (used, cost, granted) => {
    const grant = toGrant({ demands: [demandOf({ cost })], standings: [standing(used)], mode: 'take' });
    expect(grant.granted).toBe(granted);
    expect(grant.states[0]?.used).toBe(granted ? used + cost : used);
    expect(grant.states[0]?.remaining).toBe(Math.max(0, 10 - (granted ? used + cost : used)));
  });

  it('counts nothing when it only looks', () => {
    const grant = toGrant({ demands: [demandOf({})], standings: [standing(4)], mode: 'peek' });
    expect(grant).toMatchObject({ granted: true, states: [{ used: 4, remaining: 6 }] });
  });

  it('names the exceeded counter that resets last, and never a shadow', () => {
    const demands = ['a', 'b', 'c', 'd'].map((rule) => demandOf({ rule, shadow: rule === 'd' }));
    const standings = [
      standing(10, noon + 5),
      standing(10, noon + 9),
      standing(1, noon + 99),
      standing(10, noon + 999),
    ];
    const grant = toGrant({ demands, standings, mode: 'take' });
    expect(grant).toMatchObject({ granted: false, exceeded: { rule: 'b' }, shadowExceeded: ['d'] });
    expect(grant.states.map((state) => state.used)).toEqual([10, 10, 1, 10]);
  });

  it('lets a shadow pass its limit and says so', () => {
    const grant = toGrant({ demands: [demandOf({ shadow: true })], standings: [standing(10)], mode: 'take' });
    expect(grant).toMatchObject({
      granted: true,
      shadowExceeded: ['per-minute'],
      states: [{ used: 11, remaining: 0 }],
    });
  });

  it('refuses a demand that the store said nothing about', () => {
    expect(toGrant({ demands: [demandOf({})], standings: [], mode: 'take' }).granted).toBe(false);
  });

  it('is granted for no demand at all', () => {
    expect(toGrant({ demands: [], standings: [], mode: 'take' })).toEqual({
      granted: true,
      states: [],
      shadowExceeded: [],
    });
  });
});

describe('without a store', () => {
  const deny = demandOf({ rule: 'deny' });
  const allow = demandOf({ rule: 'allow', whenStoreDown: 'allow' });
  const shadow = demandOf({ rule: 'shadow', shadow: true });
  it.each([
    [[deny, allow], false, ['deny']],
    [[allow], true, ['allow']],
    [[allow, shadow], true, ['allow', 'shadow']],
    [[shadow], true, ['shadow']],
    [[], true, []],
  ])('case %#', (demands, passes, rules) => {
    expect(decideWithoutStore(demands)).toEqual({ passes, rules });
  });
});

describe('what comes back after a call', () => {
  const lease = demandOf({ key: 'lease', kind: 'concurrent' });
  const kept = demandOf({ key: 'kept' });
  const given = demandOf({ key: 'given', giveBack: ['server_error', 'tool_error'] });
  it.each<[CallEnding, readonly string[]]>([
    ['succeeded', ['lease']],
    ['client_error', ['lease']],
    ['server_error', ['lease', 'given']],
    ['tool_error', ['lease', 'given']],
    ['not_forwarded', ['lease', 'kept', 'given']],
  ])('that ended as %s: %j', (ending, keys) => {
    expect(demandsToReturn([lease, kept, given], ending).map(({ key }) => key)).toEqual(keys);
  });
});
