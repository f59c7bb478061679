import type { Monitor } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import type { RecordItem } from './BillingClient';

const errors: ReadonlySet<string> = new Set(['tool_error', 'rpc_error', 'upstream_error', 'not_executed']);

/** Points of the chart: enough to see a shape, few enough to read. */
const POINTS = 30;

/** Calls, errors, refusals and latency of the last minutes, from single records. */
export const summariseRecords = (
  records: readonly RecordItem[],
  { minutes, now }: { readonly minutes: number; readonly now: number },
): Monitor => {
  const allowed = records.filter(({ decision }) => decision === 'allow');
  const latencies = allowed.map(({ latencyMs }) => latencyMs).sort((left, right) => left - right);
  const begin = now - minutes * 60_000;
  const width = (minutes * 60_000) / POINTS;
  return {
    minutes,
    calls: allowed.length,
    errors: allowed.filter(({ outcome }) => errors.has(outcome)).length,
    refused: records.length - allowed.length,
    latencyMs: percentiles(latencies),
    series: Array.from({ length: POINTS }, (_, index) => {
      const from = begin + index * width;
      const inside = allowed.filter(({ occurredAt }) => {
        const at = Date.parse(occurredAt);
        return at >= from && at < from + width;
      });
      return {
        at: new Date(from).toISOString(),
        calls: inside.length,
        errors: inside.filter(({ outcome }) => errors.has(outcome)).length,
      };
    }),
  };
};

/** Nearest rank, as billing's own reports. */
const percentiles = (sorted: readonly number[]): Monitor['latencyMs'] => {
  if (sorted.length === 0) return {};
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
};
