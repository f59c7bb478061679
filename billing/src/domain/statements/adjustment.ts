import type { Day } from '../calendar/day.ts';
import type { MinorUnits } from '../money/currency.ts';

/** A correction of something that was or should have been billed; history itself is never changed. */
export interface Adjustment {
  readonly id: string;
  readonly tenant: string;
  /** Absent when it concerns no tool. */
  readonly server?: string;
  readonly tool?: string;
  /** The UTC day that is corrected. */
  readonly day: Day;
  /** Signed; 0 when only money is corrected. */
  readonly quantityDelta: bigint;
  /** Signed, in the tenant's currency; below zero is in the tenant's favour. */
  readonly amountMinor: MinorUnits;
  /** Why, as the tenant reads it. */
  readonly reason: string;
}
