/**
 * Between two places that must hold the same number. In the order in which an invocation travels: a difference at an earlier
 * hop explains those behind it.
 */
export const hops = ['gateway', 'ledger', 'rollup', 'outbox', 'provider', 'statement', 'invoice', 'payment'] as const;
export type Hop = (typeof hops)[number];

export type Cause =
  /** A node numbered invocations that have not arrived. */
  | 'sequence_gap'
  /** They arrived and can never be accepted as they are. */
  | 'quarantined'
  | 'rollup_short'
  | 'rollup_over'
  /** Usage came in after the outbox was computed last. */
  | 'outbox_stale'
  | 'not_in_catalog'
  | 'waiting'
  | 'in_flight'
  | 'rejected'
  | 'too_late'
  /** The provider took it less than an hour ago and counts with a delay. */
  | 'provider_lag'
  | 'provider_short'
  | 'provider_over'
  /** Usage of a sealed month: it becomes an adjustment of the next statement. */
  | 'late_usage'
  | 'statement_over'
  | 'not_invoiced'
  | 'invoice_held'
  | 'invoice_differs'
  | 'unpaid'
  | 'paid_differs';

export interface Finding {
  readonly hop: Hop;
  readonly cause: Cause;
  /** Of the side nearer to the gateway: invocations, or minor units from `invoice` on. */
  readonly expected: bigint;
  readonly found: bigint;
  /** It will agree by itself; anything else needs somebody. */
  readonly isPending: boolean;
}

/** What a person does about it. */
export const fixOf = (cause: Cause): string => remedies[cause];

const remedies: Readonly<Record<Cause, string>> = {
  sequence_gap: 'Start the node so that it ships its spool, or send its access log with `stoa-billing backfill`.',
  quarantined: 'Look at the reason with `stoa-billing replay --list`, mend it, and replay.',
  rollup_short: 'Rebuild the day with `stoa-billing doctor`; the ledger rows are the truth.',
  rollup_over: 'Rebuild the day with `stoa-billing doctor`; the ledger rows are the truth.',
  outbox_stale: 'The next run of the sender computes it again.',
  not_in_catalog: 'Run `stoa-billing catalog apply`: the tenant has no customer or the tool has no meter.',
  waiting: 'The sender will send it; see its next attempt.',
  in_flight: 'An attempt is undecided; the sender repeats it until the provider has answered.',
  rejected: 'Read the error of the row, mend the cause, and run `stoa-billing reconcile --resend`.',
  too_late: 'The provider takes nothing older than 34 days; the usage is billed by the statement or an adjustment.',
  provider_lag: 'The provider counts with a delay; look again in an hour.',
  provider_short: 'The provider took it and did not count it: run `stoa-billing reconcile --resend`.',
  provider_over: 'Something else sends to this meter, or its window is not a day: look at the meter in the catalog.',
  late_usage: 'Run `stoa-billing close`: it becomes an adjustment of the next statement.',
  statement_over: 'The statement holds usage that the ledger does not: verify its seal with `stoa-billing explain`.',
  not_invoiced: 'Run `stoa-billing close` without `--dry-run`.',
  invoice_held: 'Read why it is held; it is compared again when the cause is gone.',
  invoice_differs: 'Somebody changed the invoice after it was compared: issue a credit note or void it.',
  unpaid: 'The customer has not paid yet.',
  paid_differs: 'The payment is not the amount of the invoice: see it at the provider.',
};
