import type { DayCounts } from '../../domain/reconciliation/reconcile-day.ts';
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
  const series = new Map<string, AskedDay>();
  for (const day of days) if (isAsked(day)) series.set(seriesOf(day), day);
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
  const compared = days.map((each) => {
    const ofSeries = totals.get(seriesOf(each));
    if (ofSeries === undefined) return each;
    return { ...each, counts: { ...each.counts, counted: ofSeries.get(each.day) ?? 0n } };
  });
  return success([...compared, ...strangeDays(days, series, totals)]);
};

type AskedDay = LocalDay & { readonly customerId: string; readonly meterId: string };

const isAsked = (day: LocalDay): day is AskedDay => day.customerId !== undefined && day.meterId !== undefined;

const seriesOf = ({ customerId = '', meterId = '' }: LocalDay): string => `${customerId} ${meterId}`;

/** Days that the provider counted and we know nothing of: somebody else sends to our meter. */
const strangeDays = (
  days: readonly LocalDay[],
  series: ReadonlyMap<string, AskedDay>,
  totals: ReadonlyMap<string, ReadonlyMap<string, bigint>>,
): readonly LocalDay[] => {
  const known = new Set(days.map((each) => `${seriesOf(each)} ${each.day}`));
  return [...totals].flatMap(([key, ofSeries]) => {
    const sample = series.get(key);
    if (sample === undefined) return [];
    return [...ofSeries]
      .filter(([day]) => !known.has(`${key} ${day}`))
      .map(([day, counted]) => ({ ...sample, day, counts: { ...NOTHING_SENT, counted } }));
  });
};

const NOTHING_SENT: DayCounts = {
  ...{ recorded: 0n, rolledUp: 0n, recordedBillable: 0n, rolledUpBillable: 0n },
  outbox: { desired: 0n, acked: 0n, isInFlight: false, state: 'open', isInCatalog: true },
};
