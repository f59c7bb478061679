import { ServiceUnavailableError } from '@backstage/errors';
import type { Price } from '@mcp-governance/backstage-plugin-tool-catalog-common';

export interface BillingOptions {
  readonly url?: string;
  /** Never leaves the backend. */
  readonly token?: string;
  readonly now: () => number;
}

/** A call in the ledger, with what it cost. */
export interface RecordedCall {
  readonly id: string;
  readonly decision: 'allow' | 'deny';
  readonly outcome: string;
  readonly reason?: string;
  readonly rule?: string;
  readonly detail?: string;
  readonly cost: string;
}

const TIMEOUT_MS = 10_000;
