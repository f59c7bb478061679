/** A group commit takes some 0.1 ms, with its fdatasync 0.3 to 5 ms; after 2 s no call waits for it any more. */
const commitBuckets = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2] as const;

/** Of the spool and of what carries it to the ledger. */
export const spoolMetrics = {
  spoolBytes: {
    name: 'mcp_governance_spool_bytes',
    type: 'gauge',
    unit: 'bytes',
    labels: [],
    help: 'Size of the segments on the disk; metering.max_bytes is its bound.',
  },
  spoolWaitingRecords: {
    name: 'mcp_governance_spool_waiting_records',
    type: 'gauge',
    unit: 'records',
    labels: [],
    help: 'Records that the ledger has not acknowledged.',
  },
  spoolOpenIntents: {
    name: 'mcp_governance_spool_open_intents',
    type: 'gauge',
    unit: 'calls',
    labels: [],
    help: 'Calls whose intent is on the disk and whose record is not yet.',
  },
  spoolOldestWaiting: {
    name: 'mcp_governance_spool_oldest_waiting_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels: [],
    help: 'Age of the oldest record that the ledger has not acknowledged; 0 when it has all.',
  },
  spoolCommitDuration: {
    name: 'mcp_governance_spool_commit_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels: [],
    help: 'Time that a group of records or intents took to reach the disk.',
    buckets: commitBuckets,
  },
  spoolUnrecorded: {
    name: 'mcp_governance_spool_unrecorded_total',
    type: 'counter',
    unit: 'records',
    labels: [],
    help: 'Records that had no room on the disk; their sequence numbers are missing in the ledger.',
  },
  spoolUnsettled: {
    name: 'mcp_governance_spool_unsettled_total',
    type: 'counter',
    unit: 'calls',
    labels: [],
    help: 'Calls recorded as unknown because their end was never heard of.',
  },
  spoolDamaged: {
    name: 'mcp_governance_spool_damaged_total',
    type: 'counter',
    unit: 'lines',
    labels: [],
    help: 'Damaged lines of segments, set aside in the quarantine file.',
  },
  shippedEvents: {
    name: 'mcp_governance_shipped_events_total',
    type: 'counter',
    unit: 'events',
    labels: ['result'],
    help: 'Events that left the spool; result is accepted, duplicate or quarantined (by the ledger), or set_aside (on this node, because the ledger answers 400).',
  },
  shippingFailures: {
    name: 'mcp_governance_shipping_failures_total',
    type: 'counter',
    unit: 'attempts',
    labels: ['cause'],
    help: 'Attempts to ship that brought nothing; cause is away (tried again soon), refused (token or address is wrong) or disk.',
  },
} as const;
