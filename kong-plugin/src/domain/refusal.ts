import type { Era, JsonRpcId } from './call.ts';
import type { Reason } from './reason.ts';

/** Why a request is refused, before it is rendered for the caller. */
export interface Refusal {
  readonly reason: Reason;
  /** One sentence for the caller: names the field and the fix, never a secret, never what other callers may see. */
  readonly detail: string;
  /** The request's id when it could be read; `null` when not. Absent when no JSON-RPC answer is owed. */
  readonly id?: JsonRpcId | null;
  readonly era?: Era | 'rest';
  /** What the caller asked for, when that is known: `tool` name, `uri`, `method`. */
  readonly subject?: string;
  /** Machine-readable extra for `error.data`, e.g. `{ supported: [...], requested }`. */
  readonly data?: Readonly<Record<string, unknown>>;
}
