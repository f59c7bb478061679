/**
 * Invocations of one kind in one day, summed. The unit of everything that is rated, reported and reconciled; it comes from
 * the ledger's daily rollup and never from a counter of its own.
 */
export interface UsageRow {
  /** `YYYY-MM-DD`, the UTC day of `occurredAt`. */
  readonly day: string;
  /** Empty when the gateway could not tell: visible in reports, never on a statement. */
  readonly tenant: string;
  readonly application: string;
  readonly server: string;
  readonly tool: string;
  /** `ok`, `tool_error`, `refused`, ...: what the server did, as the record says it. */
  readonly outcome: string;
  readonly quantity: bigint;
}
