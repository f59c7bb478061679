import type { AllocationRule } from '../allocation/allocation-rule.ts';
import type { Period } from '../calendar/period.ts';
import type { Currency, MinorUnits } from '../money/currency.ts';
import type { PriceList } from '../pricing/price-list.ts';
import type { FreePool } from '../pricing/price-version.ts';
import type { UsageRow } from '../usage/usage-row.ts';
import type { Adjustment } from './adjustment.ts';

export interface StatementTenant {
  readonly id: string;
  readonly name: string;
  readonly currency: Currency;
  /** What a period costs at least, corrections not counted. */
  readonly minimumMinor?: MinorUnits;
}

/** Everything a statement is made of: the same input makes the same statement, whatever the order of its lists. */
export interface StatementInput {
  readonly tenant: StatementTenant;
  readonly period: Period;
  /** 1, unless it replaces a void statement. */
  readonly revision: number;
  /** The tenant's usage in the period. Rows may repeat a key; they are summed. */
  readonly usage: readonly UsageRow[];
  readonly prices: PriceList;
  /** Those of every tenant and those of this one. */
  readonly pools: readonly FreePool[];
  /** Those of this tenant. */
  readonly allocationRules: readonly AllocationRule[];
  /** Corrections that no statement has taken up yet, of whatever period. */
  readonly adjustments: readonly Adjustment[];
}
