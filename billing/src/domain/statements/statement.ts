import type { Day } from '../calendar/day.ts';
import type { Currency, MinorUnits } from '../money/currency.ts';

/**
 * `usage`: units of a tool at one price version, some or none of them free. `free`: such a line whose units are all free; it
 * is shown at 0.00. `minimum`: what is missing to a minimum. `adjustment`: a correction.
 */
export type LineKind = 'usage' | 'free' | 'minimum' | 'adjustment';

export interface OutcomeQuantity {
  readonly outcome: string;
  readonly quantity: bigint;
}

/** Part of a line that a team bears. The parts of a line add up to the line, in money and in units. */
export interface LineAllocation {
  /** Empty: unallocated. */
  readonly team: string;
  readonly costCenter: string;
  readonly amountMinor: MinorUnits;
  readonly quantity: bigint;
}

export interface StatementLine {
  /** From 1. */
  readonly lineNo: number;
  readonly kind: LineKind;
  readonly server?: string;
  readonly tool?: string;
  readonly priceVersionId?: string;
  readonly adjustmentId?: string;
  /** What a person reads on the invoice. */
  readonly description: string;
  /** Billable units, free ones included. */
  readonly quantity: bigint;
  readonly freeQuantity: bigint;
  /** Major units, where every unit costs the same: `amountMinor` is then the rounded product with the units not free. */
  readonly unitAmount?: string;
  readonly amountMinor: MinorUnits;
  /** What the tool was called for on these days: billed and unbilled outcomes add up to all of its calls. */
  readonly outcomes: { readonly billed: readonly OutcomeQuantity[]; readonly unbilled: readonly OutcomeQuantity[] };
  /** First and last day, both in it. */
  readonly days: readonly [first: Day, last: Day];
  readonly allocations: readonly LineAllocation[];
  /** Root of the hashes of the line's invocations; absent before sealing and on lines without any. */
  readonly evidenceSha256?: string;
}

/** Billable or not is for a price to say, so all outcomes of an unpriced tool are here. */
export interface UnpricedTool {
  readonly server: string;
  readonly tool: string;
  /** Calls with outcome `ok`, which every price bills unless it says otherwise. */
  readonly quantity: bigint;
  readonly outcomes: readonly OutcomeQuantity[];
  readonly days: readonly [first: Day, last: Day];
}

export interface UnbilledUsage {
  readonly server: string;
  readonly tool: string;
  readonly outcome: string;
  readonly quantity: bigint;
}

/** A rated month of one tenant. Totals are sums of rounded lines, as on the invoice. Tax is never computed here. */
export interface Statement {
  /** `stm_<month>_<16 hex digits>`: the same for the same tenant, period and revision. */
  readonly id: string;
  readonly tenant: string;
  readonly tenantName: string;
  readonly currency: Currency;
  readonly periodStart: Day;
  /** Not in the period. */
  readonly periodEnd: Day;
  /** From 1; a statement that replaces a void one has the next. */
  readonly revision: number;
  readonly lines: readonly StatementLine[];
  readonly subtotalMinor: MinorUnits;
  readonly unpriced: readonly UnpricedTool[];
  readonly unbilled: readonly UnbilledUsage[];
  /** Hex SHA-256 over the canonical statement, evidence roots included; absent in a draft or preview. */
  readonly sealSha256?: string;
}
