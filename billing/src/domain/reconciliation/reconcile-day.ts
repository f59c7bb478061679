import type { DeliveryState } from '../metering/meter-delivery.ts';
import type { Finding } from './finding.ts';

/** One tool of one tenant on one UTC day, at each place that counts it. */
export interface DayCounts {
  /** Rows of the ledger, all outcomes, and the same in the rollup. */
  readonly recorded: bigint;
  readonly rolledUp: bigint;
  /** Those whose outcome costs something. */
  readonly recordedBillable: bigint;
  readonly rolledUpBillable: bigint;
  /** Absent when the tool has no price on that day: then nothing is sent. */
  readonly outbox?: OutboxCounts;
  /** What the provider says it counted; absent when it was not asked. */
  readonly counted?: bigint;
}

export interface OutboxCounts {
  readonly desired: bigint;
  readonly acked: bigint;
  readonly isInFlight: boolean;
  readonly state: DeliveryState;
  /** Milliseconds since 1970. */
  readonly ackedAt?: number;
  /** The tenant has a customer and the tool a meter. */
  readonly isInCatalog: boolean;
}

/** Summaries are "eventually consistent" without a figure; an hour is what we wait before we call it lost. */
export const PROVIDER_LAG_MS = 3_600_000;

/** Every hop at which the numbers part, from the gateway outwards; empty when they agree. */
export const reconcileDay = (counts: DayCounts, now: number): readonly Finding[] => [
  ...rollupFindings(counts),
  ...(counts.outbox === undefined ? [] : outboxFindings(counts, counts.outbox, now)),
];

const rollupFindings = (counts: DayCounts): readonly Finding[] => {
  const { recorded, rolledUp, recordedBillable, rolledUpBillable } = counts;
  const pair =
    recordedBillable === rolledUpBillable
      ? { expected: recorded, found: rolledUp }
      : { expected: recordedBillable, found: rolledUpBillable };
  if (pair.expected === pair.found) return [];
  return [
    { hop: 'rollup', cause: pair.found < pair.expected ? 'rollup_short' : 'rollup_over', ...pair, isPending: false },
  ];
};

const outboxFindings = (counts: DayCounts, outbox: OutboxCounts, now: number): readonly Finding[] => {
  const { desired, acked } = outbox;
  const findings: Finding[] = [];
  if (desired !== counts.rolledUpBillable)
    findings.push({
      hop: 'outbox',
      cause: 'outbox_stale',
      expected: counts.rolledUpBillable,
      found: desired,
      isPending: true,
    });
  if (desired !== acked || outbox.isInFlight)
    findings.push({ hop: 'outbox', expected: desired, found: acked, ...undeliveredCause(outbox) });
  const { counted } = counts;
  if (counted !== undefined && counted !== acked && !outbox.isInFlight)
    findings.push({ hop: 'provider', expected: acked, found: counted, ...uncountedCause(counted, outbox, now) });
  return findings;
};

const undeliveredCause = ({ state, isInCatalog, isInFlight }: OutboxCounts): Pick<Finding, 'cause' | 'isPending'> => {
  if (state !== 'open') return { cause: state, isPending: false };
  if (!isInCatalog) return { cause: 'not_in_catalog', isPending: false };
  return { cause: isInFlight ? 'in_flight' : 'waiting', isPending: true };
};

const uncountedCause = (
  counted: bigint,
  { acked, ackedAt }: OutboxCounts,
  now: number,
): Pick<Finding, 'cause' | 'isPending'> => {
  // A total that replaced a larger one shows as too much until the provider has caught up.
  if (ackedAt !== undefined && now - ackedAt < PROVIDER_LAG_MS) return { cause: 'provider_lag', isPending: true };
  return { cause: counted < acked ? 'provider_short' : 'provider_over', isPending: false };
};
