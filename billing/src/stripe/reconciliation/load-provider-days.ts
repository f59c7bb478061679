import { failure, success } from '../../domain/result.ts';
import type { Answer, ProviderFailure } from '../billing-provider.ts';
import type { ProviderContext } from '../provider-context.ts';
import type { LocalDay, ReconcileScope } from './load-day-counts.ts';

/** Questions at a time; with 200 tenants and 40 tools there are 8,000. */
const CONCURRENCY = 4;

/** Adds what the provider counted. One question a customer and meter. */
export const addProviderCounts = async (
  { provider }: ProviderContext,
  { firstDay, endDay }: ReconcileScope,
  days: readonly LocalDay[],
): Answer<readonly LocalDay[]> => {
  const series = new Map<string, { readonly customerId: string; readonly meterId: string }>();
  for (const { customerId, meterId } of days)
    if (customerId !== undefined && meterId !== undefined)
      series.set(`${customerId} ${meterId}`, { customerId, meterId });
  const totals = new Map<string, ReadonlyMap<string, bigint>>();
  const queue = [...series];
  let failed: ProviderFailure | undefined;
  const ask = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && failed === undefined; next = queue.shift()) {
      const [key, { customerId, meterId }] = next;
      const answer = await provider.meterTotals({ customerId, meterId, firstDay, endDay });
      if (answer.ok) totals.set(key, answer.value);
      else failed = answer.error;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, ask));
  if (failed !== undefined) return failure(failed);
  return success(
    days.map((each) => {
      const ofSeries = totals.get(`${each.customerId ?? ''} ${each.meterId ?? ''}`);
      if (ofSeries === undefined) return each;
      return { ...each, counts: { ...each.counts, counted: ofSeries.get(each.day) ?? 0n } };
    }),
  );
};
