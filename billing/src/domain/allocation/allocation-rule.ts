import type { Day } from '../calendar/day.ts';

/** All of something, in basis points. */
export const FULL_WEIGHT_BP = 10_000;

/**
 * Whose budget a tenant's calls are charged to inside the tenant. Rules that match a call equally closely share it by
 * weight; what their weights leave over, and calls that no rule matches, are unallocated (team and cost centre empty).
 */
export interface AllocationRule {
  readonly id: string;
  readonly tenant: string;
  /** Absent: any. */
  readonly application?: string;
  readonly server?: string;
  /** Only beside `server`. */
  readonly tool?: string;
  readonly team: string;
  readonly costCenter: string;
  readonly weightBp: number;
  readonly effectiveFrom: Day;
  /** First day on which it no longer holds. */
  readonly effectiveTo?: Day;
}
