import type { Judge } from '../domain/judge.ts';
import type { CompiledLimits } from '../domain/limits/compile-limits.ts';
import type { PinMode } from '../domain/snapshot/snapshot.ts';

/** What one server's requests are judged by right now; a new snapshot is a new one of these. */
export interface PolicyInForce {
  readonly judge: Judge;
  readonly limits: CompiledLimits;
  /** Something in it depends on the ACL groups of the caller: without them nothing can be judged. */
  readonly usesGroups: boolean;
  /** Revision of the snapshot; absent where only the plugin's own rules judge. */
  readonly revision?: string;
  readonly timeZoneOf: (tenant: string | undefined) => string | undefined;
  readonly weightOf: (server: string, tool: string) => number;
  readonly pinMode: PinMode;
  /** Definition that the snapshot itself approves: hex SHA-256. */
  readonly pinOf: (tool: string) => string | undefined;
}
