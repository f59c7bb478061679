import type { RequestStateCodec, ServerEventBus } from '@modelcontextprotocol/server';
import type { CallLog } from './call-log.ts';
import type { CommerceStore } from './commerce-store.ts';

/** What a fixture puts into `requestState`; signed, so that a client cannot make one up. */
export type RoundState = Readonly<Record<string, string | number>>;

/** What all McpServer instances of one demo server share: instances live for a request (modern) or a session (legacy). */
export interface DemoContext {
  readonly store: CommerceStore;
  readonly calls: CallLog;
  /** Descriptions that tools took since the start, by tool: what a server does that turns on its users. */
  readonly descriptions: Map<string, string>;
  /** Change events for both eras: `subscriptions/listen` streams and legacy sessions listen to it. */
  readonly bus: ServerEventBus;
  readonly roundState: RequestStateCodec<RoundState>;
}
