import type { JsonValue } from '../json/json-value.ts';

/** `new`: seen, approved by nobody. `changed`: its definition differs from the approved one. `withdrawn`: the server no longer lists it. */
export type PinState = 'new' | 'approved' | 'changed' | 'withdrawn';

/** What the gateway knows about one tool of one server. */
export interface PinnedTool {
  readonly server: string;
  readonly tool: string;
  readonly state: PinState;
  /** Hex SHA-256 of the canonical definition that was approved. */
  readonly approvedHash?: string;
  readonly currentHash: string;
  /** `{ name, title, description, inputSchema, outputSchema, annotations }` as last seen; null when too large to keep. */
  readonly definition: JsonValue;
  readonly approvedDefinition?: JsonValue;
  /** What a reader should look at: invisible characters, look-alike names, ... Each a sentence. */
  readonly warnings: readonly string[];
  /** Milliseconds since the epoch. */
  readonly firstSeenAt: number;
  readonly changedAt?: number;
  readonly approvedAt?: number;
  /** Whose list showed it last (`Sighting.view`); only a complete list of the same view can withdraw it. */
  readonly seenBy?: string;
}
