import type { JsonValue } from '../json/json-value.ts';
import type { PinnedTool, PinState } from './pinned-tool.ts';

/** One tool as a list just showed it. */
export interface SeenTool {
  readonly server: string;
  readonly tool: string;
  readonly hash: string;
  /** Null when it is too large to keep. */
  readonly definition: JsonValue;
  readonly warnings: readonly string[];
  readonly view: string;
}

/**
 * What is known after a tool was seen. Compares with what was approved, not with what was seen before: a server that
 * changes a definition twice, or changes it back, leaves no trace of trust behind.
 */
export const nextState = (previous: PinnedTool | undefined, seen: SeenTool, now: number): PinnedTool => {
  const { server, tool, hash, definition, warnings, view } = seen;
  if (previous === undefined)
    return { server, tool, state: 'new', currentHash: hash, definition, warnings, firstSeenAt: now, seenBy: view };
  const state = stateOf(previous.approvedHash, hash);
  const isSame = previous.currentHash === hash && previous.state === state;
  if (isSame) return previous.seenBy === view ? previous : { ...previous, seenBy: view };
  return { ...previous, state, currentHash: hash, definition, warnings, changedAt: now, seenBy: view };
};

const stateOf = (approvedHash: string | undefined, hash: string): PinState => {
  if (approvedHash === undefined) return 'new';
  return approvedHash === hash ? 'approved' : 'changed';
};

/** A complete list no longer shows the tool. What was approved stays known, for when it comes back. */
export const withdraw = (previous: PinnedTool, now: number): PinnedTool =>
  previous.state === 'withdrawn' ? previous : { ...previous, state: 'withdrawn', changedAt: now };

/** Undefined when the tool is another by now than the one that was looked at. A withdrawn tool stays withdrawn until it is listed. */
export const approve = (previous: PinnedTool, hash: string, now: number): PinnedTool | undefined => {
  if (previous.currentHash !== hash) return undefined;
  if (previous.approvedHash === hash) return previous;
  return {
    ...previous,
    state: previous.state === 'withdrawn' ? 'withdrawn' : 'approved',
    approvedHash: hash,
    approvedDefinition: previous.definition,
    approvedAt: now,
  };
};

/** What was seen of one, what was approved of the other. */
export const withApprovalOf = (seen: PinnedTool, approved: PinnedTool): PinnedTool => {
  const { approvedHash: _hash, approvedDefinition: _definition, approvedAt: _at, ...rest } = seen;
  const { approvedHash, approvedDefinition, approvedAt } = approved;
  return {
    ...rest,
    state: seen.state === 'withdrawn' ? 'withdrawn' : stateOf(approvedHash, seen.currentHash),
    ...(approvedHash === undefined ? {} : { approvedHash }),
    ...(approvedDefinition === undefined ? {} : { approvedDefinition }),
    ...(approvedAt === undefined ? {} : { approvedAt }),
  };
};

/**
 * One tool as two processes know it: the later approval and the later observation, each as a whole. Needed while an old
 * and a new plugin server overlap at a reload.
 */
export const mergeKnowledge = (mine: PinnedTool, theirs: PinnedTool): PinnedTool => {
  const observed = observedAt(theirs) > observedAt(mine) ? theirs : mine;
  const approved = (theirs.approvedAt ?? 0) > (mine.approvedAt ?? 0) ? theirs : mine;
  const firstSeenAt = Math.min(mine.firstSeenAt, theirs.firstSeenAt);
  return { ...withApprovalOf(observed, approved), firstSeenAt };
};

const observedAt = ({ changedAt, firstSeenAt }: PinnedTool): number => changedAt ?? firstSeenAt;

/**
 * The state under a policy that names the approved hash itself (`SnapshotTool.pin`): the policy wins over what was
 * approved on this node. A pinned tool that was never listed here stays unknown.
 */
export const stateUnderPin = (tool: PinnedTool | undefined, pin: string | undefined): PinState | undefined => {
  if (tool === undefined || pin === undefined || tool.state === 'withdrawn') return tool?.state;
  return stateOf(pin.toLowerCase(), tool.currentHash);
};
