import { describe, expect, it } from 'vitest';
import {
  approve,
  mergeKnowledge,
  nextState,
  stateUnderPin,
  withApprovalOf,
  withdraw,
  type SeenTool,
} from './next-state.ts';
import type { PinnedTool, PinState } from './pinned-tool.ts';
import { definition, noon } from './testing/tools.ts';
import { toolHash } from './tool-hash.ts';

const seen = (description: string, view = 'alice'): SeenTool => {
  const shown = definition('get_order', description);
  return { server: 'orders', tool: 'get_order', hash: toolHash(shown), definition: shown, warnings: [], view };
};

const good = seen('good');
const bad = seen('bad');
const worse = seen('worse');

/** Plays what happens to one tool, a minute apart. */
const play = (...steps: readonly (SeenTool | 'approve' | 'withdraw')[]): PinnedTool => {
  let tool: PinnedTool | undefined;
  steps.forEach((step, index) => {
    const now = noon + index * 60_000;
    if (typeof step === 'object') tool = nextState(tool, step, now);
    else if (tool !== undefined)
      tool = step === 'withdraw' ? withdraw(tool, now) : approve(tool, tool.currentHash, now);
  });
  if (tool === undefined) throw new Error('nothing happened');
  return tool;
};

describe('the state of a tool', () => {
  it.each<[string, PinState, readonly (SeenTool | 'approve' | 'withdraw')[]]>([
    ['seen once', 'new', [good]],
    ['seen, then seen different, approved by nobody', 'new', [good, bad]],
    ['approved', 'approved', [good, 'approve']],
    ['approved and seen again', 'approved', [good, 'approve', good]],
    ['approved and changed', 'changed', [good, 'approve', bad]],
    ['approved, changed and changed again', 'changed', [good, 'approve', bad, worse]],
    ['approved, changed and seen again as changed', 'changed', [good, 'approve', bad, bad]],
    ['approved, changed and changed back', 'approved', [good, 'approve', bad, good]],
    ['approved, changed, approved as changed', 'approved', [good, 'approve', bad, 'approve']],
    ['approved, changed, approved, changed back', 'changed', [good, 'approve', bad, 'approve', good]],
    ['withdrawn', 'withdrawn', [good, 'approve', 'withdraw']],
    ['withdrawn and back as approved', 'approved', [good, 'approve', 'withdraw', good]],
    ['withdrawn and back with another definition', 'changed', [good, 'approve', 'withdraw', bad]],
    ['withdrawn unapproved and back', 'new', [good, 'withdraw', good]],
    ['approved while withdrawn', 'withdrawn', [good, 'withdraw', 'approve']],
    ['approved while withdrawn, and back', 'approved', [good, 'withdraw', 'approve', good]],
  ])('%s: %s', (_title, state, steps) => {
    expect(play(...steps).state).toBe(state);
  });

  it('keeps what was approved beside what is current, and when each came', () => {
    expect(play(good, 'approve', bad)).toEqual({
      server: 'orders',
      tool: 'get_order',
      state: 'changed',
      approvedHash: good.hash,
      approvedDefinition: good.definition,
      approvedAt: noon + 60_000,
      currentHash: bad.hash,
      definition: bad.definition,
      warnings: [],
      firstSeenAt: noon,
      changedAt: noon + 120_000,
      seenBy: 'alice',
    });
  });

  it('is the same object when nothing is new, and remembers only the view when that is', () => {
    const tool = play(good, 'approve');
    expect(nextState(tool, good, noon + 99)).toBe(tool);
    expect(nextState(tool, seen('good', 'bob'), noon + 99)).toEqual({ ...tool, seenBy: 'bob' });
    expect(withdraw(play(good, 'withdraw'), noon + 99).changedAt).toBe(noon + 60_000);
  });

  it('is not approved by a hash that is no longer current', () => {
    expect(approve(play(good, bad), good.hash, noon)).toBeUndefined();
    expect(approve(play(good, 'approve', bad), good.hash, noon)).toBeUndefined();
  });
});

describe('what two processes know of one tool', () => {
  const approvedLater = (tool: PinnedTool, at: number): PinnedTool => approve(tool, tool.currentHash, at) ?? tool;

  it('keeps an approval that only the other one has, and the other way round', () => {
    const old = play(good);
    const approved = approvedLater(old, noon + 5);
    for (const merged of [mergeKnowledge(old, approved), mergeKnowledge(approved, old)])
      expect(merged).toMatchObject({ state: 'approved', approvedHash: good.hash, approvedAt: noon + 5 });
  });

  it('is changed when one approved and the other saw a change afterwards', () => {
    const approved = approvedLater(play(good), noon + 5);
    const changed = nextState(play(good), bad, noon + 10);
    for (const merged of [mergeKnowledge(approved, changed), mergeKnowledge(changed, approved)])
      expect(merged).toMatchObject({ state: 'changed', approvedHash: good.hash, currentHash: bad.hash });
  });

  it('takes the later of two approvals, so that an older one comes back from nowhere', () => {
    const first = approvedLater(play(good), noon + 5);
    const second = approvedLater(nextState(first, bad, noon + 10), noon + 20);
    expect(mergeKnowledge(first, second)).toMatchObject({ state: 'approved', approvedHash: bad.hash });
  });

  it('lets an approval be taken back without forgetting what was seen', () => {
    const undone = withApprovalOf(play(good, 'approve', bad), play(good));
    expect(undone).toMatchObject({ state: 'new', currentHash: bad.hash });
    expect(undone).not.toHaveProperty('approvedHash');
    expect(undone).not.toHaveProperty('approvedDefinition');
  });
});

describe('a hash that the policy pins', () => {
  it.each<[string, PinnedTool | undefined, string | undefined, PinState | undefined]>([
    ['none: what the node approved', play(good, 'approve'), undefined, 'approved'],
    ['the current one approves, though nobody did here', play(good), good.hash, 'approved'],
    ['in capitals too', play(good), good.hash.toUpperCase(), 'approved'],
    ['another one takes an approval of the node away', play(good, 'approve'), bad.hash, 'changed'],
    ['withdrawn stays withdrawn', play(good, 'withdraw'), good.hash, 'withdrawn'],
    ['a tool that was never listed stays unknown', undefined, good.hash, undefined],
  ])('%s', (_title, tool, pin, state) => {
    expect(stateUnderPin(tool, pin)).toBe(state);
  });
});
