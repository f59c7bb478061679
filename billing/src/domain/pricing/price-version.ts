import type { Currency, MinorUnits } from '../money/currency.ts';

/** A step of a tiered price. */
export interface PriceTier {
  /** Last unit of the tier, counted from 1 in a line; absent in the last tier, which has no end. */
  readonly upTo?: bigint;
  readonly unitAmount: string;
  /** Charged once when the tier is entered. */
  readonly flatAmount?: string;
}

/** Amounts are texts in major units as people write them, at most 12 digits after the point. */
export type PriceModel =
  /** Every unit costs the same. */
  | { readonly model: 'flat'; readonly unitAmount: string }
  /** Every package begun costs `amount`. */
  | { readonly model: 'package'; readonly size: bigint; readonly amount: string }
  /** Each unit costs what its tier says. */
  | { readonly model: 'graduated'; readonly tiers: readonly PriceTier[] }
  /** All units cost what the tier of the last one says. */
  | { readonly model: 'volume'; readonly tiers: readonly PriceTier[] };

/** What a tool costs from a day on. Never changed, only followed by a later version. */
export interface PriceVersion {
  readonly id: string;
  readonly server: string;
  /** `*` is any tool of the server, each rated by itself. */
  readonly tool: string;
  /** Absent in the list price. */
  readonly tenant?: string;
  readonly currency: Currency;
  readonly price: PriceModel;
  /** Units a tool has free in each period. */
  readonly freeUnits?: bigint;
  /** Pooled allowance that is drawn on when the tool's own is used up. */
  readonly pool?: string;
  /** What a tool costs at least in a period in which it has a unit that is not free. */
  readonly minimumMinor?: MinorUnits;
  /** Outcomes that cost something; `ok` alone unless the price says otherwise. */
  readonly billableOutcomes: readonly string[];
  /** First UTC day, `YYYY-MM-DD`. */
  readonly effectiveFrom: string;
  /** First UTC day on which it no longer holds; until the next version of the same scope when absent. */
  readonly effectiveTo?: string;
  /** What people call the tool; its name when absent. */
  readonly displayName?: string;
}

/** Units that several tools of a tenant have free together in each period. */
export interface FreePool {
  readonly id: string;
  /** Absent: every tenant has this many of its own. */
  readonly tenant?: string;
  readonly units: bigint;
  /** First UTC day. The version in force on a period's last day holds for the whole period. */
  readonly effectiveFrom: string;
}
