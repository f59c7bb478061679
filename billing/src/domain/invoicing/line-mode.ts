import type { PriceVersion } from '../pricing/price-version.ts';
import { toMeteredAmount } from './metered-price.ts';

/**
 * `meters`: the provider counts and rates; a subscription item a tool. `lines`: we rate and send a line a tool. Either way
 * the invoice is compared with our statement before it is final.
 */
export type LineMode = 'meters' | 'lines';

export interface ModeQuestion {
  /** What the tenant's record asks for. */
  readonly requested: 'auto' | LineMode;
  /** Each tool that the tenant may use in the period, with every version that prices it on some day of the period. */
  readonly tools: readonly {
    readonly server: string;
    readonly tool: string;
    readonly versions: readonly PriceVersion[];
  }[];
}

export interface ModeChoice {
  readonly mode: LineMode;
  /** Why it is `lines`, for people; empty for `meters`. */
  readonly because: readonly string[];
}

/** "A list of up to 20 subscription items" in Stripe's API. */
export const MAX_SUBSCRIPTION_ITEMS = 20;

/** Reasons shown at most; with 300 tools a person wants the first few and the number. */
const MAX_REASONS = 5;

/** Asking for `meters` does not make them possible: what a meter would get wrong is sent as lines, and says why. */
export const chooseLineMode = ({ requested, tools }: ModeQuestion): ModeChoice => {
  if (requested === 'lines') return { mode: 'lines', because: ['the tenant is set to lines'] };
  const reasons = [
    ...(tools.length > MAX_SUBSCRIPTION_ITEMS
      ? [`${tools.length} priced tools are more than the ${MAX_SUBSCRIPTION_ITEMS} items of a subscription`]
      : []),
    ...tools.flatMap((tool) => reasonsOf(tool)),
  ];
  if (reasons.length === 0) return { mode: 'meters', because: [] };
  const more = reasons.length - MAX_REASONS;
  return { mode: 'lines', because: [...reasons.slice(0, MAX_REASONS), ...(more > 0 ? [`and ${more} more`] : [])] };
};

const reasonsOf = ({ server, tool, versions }: ModeQuestion['tools'][number]): readonly string[] => {
  const name = `${server}/${tool}`;
  if (versions.length > 1) return [`${name}: its price changes within the period`];
  return versions.flatMap((version) => {
    const amount = toMeteredAmount(version);
    return amount.ok ? [] : [`${name}: ${amount.error}`];
  });
};
