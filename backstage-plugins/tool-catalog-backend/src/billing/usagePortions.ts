import type { UsageItem } from './BillingClient';

export interface Cost {
  readonly minor: bigint;
  readonly currency: string;
}

/** Usage with its part of what the tool costs; without one where the viewer may not see cost. */
export interface PricedItem {
  readonly item: UsageItem;
  readonly cost: Cost | undefined;
}

/** What an item adds to a row. */
export interface Portion {
  readonly key: string;
  /** Where the key says nothing without it. */
  readonly tenant?: string;
  readonly outcome: string;
  readonly quantity: number;
  readonly minor: bigint;
  readonly currency?: string;
}

export const identityOf = ({ tenant, application, server, tool, outcome, day }: UsageItem): string =>
  JSON.stringify([tenant, application, server, tool, outcome, day]);
