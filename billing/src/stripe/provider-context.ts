import type { Database } from '../database/open-database.ts';
import type { BillingProvider } from './billing-provider.ts';

/** What every job at the provider works with. Time and chance are handed in: tests turn the clock themselves. */
export interface ProviderContext {
  readonly database: Database;
  readonly provider: BillingProvider;
  /** Part of every row and id, so that a test account's progress is never taken for the live one's. */
  readonly environment: string;
  /** `shadow` compares and never makes an invoice final. */
  readonly mode: 'shadow' | 'live';
  readonly callsPerSecond: number;
  /** Begins the names of new meters; `mcp` when left out. */
  readonly meterPrefix?: string;
  /** Calls of the sender under way at a time; 8 when left out. */
  readonly callsAtOnce?: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}
