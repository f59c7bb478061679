import type { Reason } from './reason.ts';

/** What one policy says about a call. `none` is silence. */
export interface Opinion {
  /** Name of the policy, e.g. `tool-access`. */
  readonly policy: string;
  readonly effect: 'allow' | 'deny' | 'none';
  /** Id of the rule that decided, e.g. `acme-support`; a policy's own built-in rule is named `policy:why`. */
  readonly rule: string;
  readonly reason?: Reason;
  readonly detail?: string;
  /** Rules in shadow mode that count for the call: recorded, not enforced. */
  readonly shadow?: readonly { readonly rule: string; readonly effect: 'allow' | 'deny' }[];
}

/**
 * The verdict on a call, naming the policy and rule that made it. `shadow`: the rules in shadow mode with which it would
 * have been the opposite; absent when there are none.
 */
export type Decision =
  | { readonly effect: 'allow'; readonly policy: string; readonly rule: string; readonly shadow?: readonly string[] }
  | {
      readonly effect: 'deny';
      readonly policy: string;
      readonly rule: string;
      readonly reason: Reason;
      readonly detail: string;
      readonly shadow?: readonly string[];
    };
