import type { Reason } from '../reason.ts';
import type { PinMode } from '../snapshot/snapshot.ts';
import type { PinState } from './pinned-tool.ts';

/** Pins never allow a tool, they only take it away: `none` leaves the call to the access rules. */
export type PinOpinion =
  | { readonly effect: 'none'; readonly rule: string }
  | { readonly effect: 'deny'; readonly rule: string; readonly reason: Reason; readonly detail: string };

interface PinOptions {
  /** The store lost what it knew: an unapproved tool may be one that was approved and changed since. */
  readonly historyLost?: boolean;
}

/**
 * What the pins of a server say about one tool, for lists and calls alike. `undefined` is a tool that no list has shown
 * to this gateway. A withdrawn tool is refused wherever anything is: nobody can say what stands behind its name now.
 */
export const pinOpinion = (
  mode: PinMode,
  state: PinState | undefined,
  { historyLost = false }: PinOptions = {},
): PinOpinion => {
  if (mode === 'observe') return { effect: 'none', rule: 'pins:observe' };
  switch (state) {
    case 'approved':
      return { effect: 'none', rule: 'pins:approved' };
    case 'changed':
      return deny('pins:changed', 'This tool has changed since it was approved.');
    case 'withdrawn':
      return deny('pins:withdrawn', 'The server no longer lists this tool.');
    case 'new':
    case undefined:
      return unapproved(mode, historyLost);
  }
};

const unapproved = (mode: Exclude<PinMode, 'observe'>, historyLost: boolean): PinOpinion => {
  if (mode === 'approve_new') return deny('pins:new', 'This tool has not been approved yet.');
  if (historyLost) return deny('pins:history-lost', 'The gateway lost its approvals and cannot vouch for this tool.');
  return { effect: 'none', rule: 'pins:new' };
};

const deny = (rule: string, what: string): PinOpinion => ({
  effect: 'deny',
  rule,
  reason: 'tool_quarantined',
  detail: `${what} An operator of the gateway has to look at it; retrying does not help.`,
});
