import type { Knex } from 'knex';
import { describeModel } from '../domain/pricing/describe-model.ts';
import type { PriceVersion } from '../domain/pricing/price-version.ts';
import { pricesInForce } from '../price-book/price-store.ts';

export interface CallCost {
  readonly isPriced: boolean;
  /** The price bills this outcome. */
  readonly isBillable: boolean;
  /** Major units, where every call costs the same. */
  readonly unitAmount?: string;
  readonly currency?: string;
  readonly priceVersionId?: string;
  /** For people. */
  readonly text: string;
}

/**
 * What one call costs by the price of its day. Where the price depends on the month's calls (tiers, packages, allowances) it
 * says how; the statement says what came of it.
 */
export const callCost = async (
  database: Knex,
  call: {
    readonly tenant: string;
    readonly server: string;
    readonly tool: string | undefined;
    readonly occurredAt: string;
    readonly outcome: string;
  },
): Promise<CallCost> => {
  const { tenant, server, tool, outcome } = call;
  if (tool === undefined) return free('Only calls of tools are billed.');
  const day = new Date(call.occurredAt).toISOString().slice(0, 10);
  const prices = await pricesInForce(database, { tenant, day, tools: [{ server, tool }] });
  if (prices === undefined) return free('The tenant has no record, so nothing is billed.');
  const version = prices[0]?.version;
  if (version === undefined) return free('The tool has no price.');
  const known = { isPriced: true, currency: version.currency, priceVersionId: version.id };
  if (!version.billableOutcomes.includes(outcome))
    return {
      ...known,
      isBillable: false,
      text: `0.00 ${version.currency.toUpperCase()}: the outcome ${outcome} is not billed.`,
    };
  return { ...known, isBillable: true, ...unitOf(version), text: costText(version) };
};

const free = (text: string): CallCost => ({ isPriced: false, isBillable: false, text });

const unitOf = ({ price }: PriceVersion) => (price.model === 'flat' ? { unitAmount: price.unitAmount } : {});

const costText = ({ price, currency, freeUnits, pool }: PriceVersion): string => {
  const amount =
    price.model === 'flat'
      ? `${price.unitAmount} ${currency.toUpperCase()}`
      : `${describeModel(price)}, ${currency.toUpperCase()}`;
  const allowances = [
    ...(freeUnits === undefined || freeUnits === 0n ? [] : [`the first ${freeUnits} calls a month are free`]),
    ...(pool === undefined ? [] : [`calls from the allowance ${pool} are free`]),
  ];
  return [amount, ...allowances].join('; ');
};
