import { spoolMetrics } from './spool-metrics.ts';

/** What a metric is, for the registry, for docs/metrics.md and for the test of the dashboard. */
export interface MetricDefinition {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly unit: string;
  readonly labels: readonly string[];
  readonly help: string;
  /** Upper bounds of a histogram, in its unit. */
  readonly buckets?: readonly number[];
}

/**
 * A verdict takes some 0.2 ms on a quiet node and a Redis take about 1 ms; what passes a second has met a deadline. Below
 * 50 us a step is noise.
 */
const stageBuckets = [
  0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1,
] as const;

/**
 * Every metric of the plugin. No label names a tool, tenant, application or consumer: their number is the customers', and a
 * series costs memory in every scrape. Who called what is in the records.
 */
export const metricDefinitions = {
  build: {
    name: 'mcp_governance_build_info',
    type: 'gauge',
    unit: '-',
    labels: ['version'],
    help: 'Always 1; the label is the version that runs.',
  },
  decisions: {
    name: 'mcp_governance_decisions_total',
    type: 'counter',
    unit: 'requests',
    labels: ['server', 'reason'],
    help: 'Requests decided. reason is "allowed", or why the request was refused.',
  },
  shadowDenials: {
    name: 'mcp_governance_shadow_denials_total',
    type: 'counter',
    unit: 'requests',
    labels: ['server', 'reason'],
    help: 'Requests that a rule or limit in shadow mode would have refused.',
  },
  outcomes: {
    name: 'mcp_governance_outcomes_total',
    type: 'counter',
    unit: 'requests',
    labels: ['server', 'outcome'],
    help: 'Recorded requests by what became of them (ok, tool_error, refused, upstream_error, ...).',
  },
  stageDuration: {
    name: 'mcp_governance_stage_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels: ['stage'],
    help: 'Time that each step of a decision took (facts, read, judge, opa, take, describe, intent, outcome, record).',
    buckets: stageBuckets,
  },
  storeUp: {
    name: 'mcp_governance_store_up',
    type: 'gauge',
    unit: '1 or 0',
    labels: ['store'],
    help: 'Whether a store answers (counters, records, spool, pins, opa, task_owners).',
  },
  storeOutages: {
    name: 'mcp_governance_store_outages_total',
    type: 'counter',
    unit: 'outages',
    labels: ['store'],
    help: 'How often a store went away.',
  },
  limitBypasses: {
    name: 'mcp_governance_limit_bypasses_total',
    type: 'counter',
    unit: 'requests',
    labels: ['server'],
    help: 'Calls that passed uncounted because the counter store was away and their limit allows it.',
  },
  snapshotAge: {
    name: 'mcp_governance_snapshot_age_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels: ['source'],
    help: 'Time since the source last confirmed the policy in force; of several snapshots of one source, the oldest.',
  },
  snapshotLoaded: {
    name: 'mcp_governance_snapshot_loaded_timestamp_seconds',
    type: 'gauge',
    unit: 'seconds since the epoch',
    labels: ['source'],
    help: 'When a changed policy last came into force.',
  },
  snapshotReads: {
    name: 'mcp_governance_snapshot_reads_total',
    type: 'counter',
    unit: 'reads',
    labels: ['source', 'result'],
    help: 'Reads of a policy source; result is loaded, confirmed, refused (bad content) or unavailable.',
  },
  recordsWritten: {
    name: 'mcp_governance_records_written_total',
    type: 'counter',
    unit: 'records',
    labels: ['server'],
    help: 'Records that the sink accepted.',
  },
  recordsFailed: {
    name: 'mcp_governance_records_failed_total',
    type: 'counter',
    unit: 'records',
    labels: ['server'],
    help: 'Records that the sink did not accept: calls without a trace.',
  },
  recordsQueued: {
    name: 'mcp_governance_records_queued',
    type: 'gauge',
    unit: 'records',
    labels: [],
    help: 'Records that wait for the disk.',
  },
  recordsQueuedBytes: {
    name: 'mcp_governance_records_queued_bytes',
    type: 'gauge',
    unit: 'bytes',
    labels: [],
    help: 'Size of the records that wait for the disk.',
  },
  ...spoolMetrics,
  guardRefusals: {
    name: 'mcp_governance_guard_refusals_total',
    type: 'counter',
    unit: 'requests',
    labels: ['server', 'why'],
    help: 'Requests that mcp-guard refused (no_verdict, wrong_consumer, wrong_scope, wrong_request, upgrade, ...).',
  },
  listsWithheld: {
    name: 'mcp_governance_lists_withheld_total',
    type: 'counter',
    unit: 'lists',
    labels: ['server'],
    help: 'Lists that could not be checked and were not shown.',
  },
  opaAnswers: {
    name: 'mcp_governance_opa_answers_total',
    type: 'counter',
    unit: 'questions',
    labels: ['server', 'result'],
    help: 'Questions to OPA; result is allow, deny, cached or failed (which denies).',
  },
  pinLists: {
    name: 'mcp_governance_pin_lists_total',
    type: 'counter',
    unit: 'lists',
    labels: ['server', 'result'],
    help: "Lists of a server's tools that the gateway fetched itself (pins.refresh); result is listed or failed.",
  },
  pinChanges: {
    name: 'mcp_governance_pin_changes_total',
    type: 'counter',
    unit: 'tools',
    labels: ['server', 'state'],
    help: 'Tools whose pin took another state (new, approved, changed, withdrawn).',
  },
  openEvents: {
    name: 'mcp_governance_open_events',
    type: 'gauge',
    unit: 'requests',
    labels: [],
    help: 'Requests between their first phase and their last; one that only grows is a leak.',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricKey = keyof typeof metricDefinitions;
