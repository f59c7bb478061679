import type { Sighting } from '../domain/pins/pin-observer.ts';
import type { PinnedTool, PinState } from '../domain/pins/pinned-tool.ts';

/**
 * The catalog of each server's tools as this gateway saw them. Contract (`pin-store.contract.ts`):
 * - `observe` takes what one page of an unfiltered list proves (`PinObserver`) and answers with the tools whose state or
 *   definition that changed; the new states hold when it returns. Warnings are only made by `find` and `list`.
 * - A tool is withdrawn only by a complete list of the view that saw it last: otherwise a caller who is shown less would
 *   take tools from all others.
 * - A tool that is approved and changes becomes `changed` and stays so until it is approved again or is what was approved.
 * - `stateOf` is synchronous: it is asked for every call.
 * - `approve` resolves once the approval is kept; it rejects, and approves nothing, when it cannot be.
 * - State survives a restart; a store that cannot be read makes the gateway treat every tool as `new`, and says
 *   `historyLost` until an operator has dealt with it.
 * - Bounded: of a server that lists more tools than are kept, the rest stays unknown. An approved tool is never dropped.
 */
export interface PinStore {
  observe(server: string, sighting: Sighting, now: number): readonly PinnedTool[];
  stateOf(server: string, tool: string): PinState | undefined;
  find(server: string, tool: string): PinnedTool | undefined;
  /** By server, then by tool, in the order of their code units. */
  list(server?: string): readonly PinnedTool[];
  /** Approves the definition with this hash; refused (false) when the tool has meanwhile changed to another. */
  approve(server: string, tool: string, hash: string, now: number): Promise<boolean>;
  health(): PinHealth;
  close(): Promise<void>;
}

export type PinHealth =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly why: string;
      /** For `pinOpinion`: what is not approved may have been approved before, and changed. */
      readonly historyLost: boolean;
    };
