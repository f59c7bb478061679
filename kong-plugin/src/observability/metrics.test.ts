import { describe, expect, it } from 'vitest';
import { reasons } from '../domain/reason.ts';
import { metricDefinitions } from './metric-definitions.ts';
import { createMetrics, type MetricsOptions } from './metrics.ts';
import type { Observation } from './observation.ts';
import { everyObservation, noon, oneOfEach, storedOf } from './testing/observations.ts';

const metricsOf = (observations: readonly Observation[], options: Partial<MetricsOptions> = {}) => {
  const metrics = createMetrics({ version: '1.2.3', now: () => noon, processMetrics: false, ...options });
  observations.forEach((observation) => metrics.observe(observation));
  return metrics;
};

/** The samples of one metric, without comments. */
const samplesOf = (text: string, name: string): readonly string[] =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

const render = async (observations: readonly Observation[], options: Partial<MetricsOptions> = {}): Promise<string> =>
  metricsOf(observations, options).render();

describe('metrics', () => {
  it('answers in the text format of Prometheus', async () => {
    const metrics = metricsOf([]);
    expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await metrics.render()).toContain('mcp_governance_build_info{version="1.2.3"} 1');
  });

  it.each<[string, readonly Observation[], string, readonly string[]]>([
    [
      '2 refusals and 1 allowed call by server and reason',
      [oneOfEach.decision_made, oneOfEach.decision_made, { kind: 'decision_made', server: 'orders', effect: 'allow' }],
      'mcp_governance_decisions_total',
      ['{server="orders",reason="tool_denied"} 2', '{server="orders",reason="allowed"} 1'],
    ],
    [
      'a denial without a reason, as a denial all the same',
      [{ kind: 'decision_made', server: 'orders', effect: 'deny' }],
      'mcp_governance_decisions_total',
      ['{server="orders",reason="unknown"} 1'],
    ],
    [
      'what a shadow limit would have refused',
      [oneOfEach.shadow_denied],
      'mcp_governance_shadow_denials_total',
      ['{server="orders",reason="rate_limited"} 1'],
    ],
    [
      '2 records by outcome',
      [oneOfEach.record_written, { kind: 'record_written', record: storedOf({ outcome: 'tool_error' }) }],
      'mcp_governance_outcomes_total',
      ['{server="orders",outcome="ok"} 1', '{server="orders",outcome="tool_error"} 1'],
    ],
    ['records written', [oneOfEach.record_written], 'mcp_governance_records_written_total', ['{server="orders"} 1']],
    ['records lost', [oneOfEach.record_failed], 'mcp_governance_records_failed_total', ['{server="orders"} 1']],
    ['the bytes of the spool', [oneOfEach.spool_seen], 'mcp_governance_spool_bytes', [' 4096']],
    ['records that wait for the ledger', [oneOfEach.spool_seen], 'mcp_governance_spool_waiting_records', [' 3']],
    ['calls without an end yet', [oneOfEach.spool_seen], 'mcp_governance_spool_open_intents', [' 1']],
    ['how long the oldest waits', [oneOfEach.spool_seen], 'mcp_governance_spool_oldest_waiting_seconds', [' 2.5']],
    ['unrecorded calls', [oneOfEach.spool_unrecorded], 'mcp_governance_spool_unrecorded_total', [' 1']],
    ['calls that became unknown', [oneOfEach.spool_unsettled], 'mcp_governance_spool_unsettled_total', [' 2']],
    ['damaged lines', [oneOfEach.spool_damaged], 'mcp_governance_spool_damaged_total', [' 1']],
    [
      'what became of shipped events',
      [oneOfEach.events_shipped, oneOfEach.event_set_aside],
      'mcp_governance_shipped_events_total',
      ['{result="accepted"} 7', '{result="duplicate"} 2', '{result="quarantined"} 1', '{result="set_aside"} 1'],
    ],
    [
      'attempts to ship by cause',
      [oneOfEach.shipping_failed],
      'mcp_governance_shipping_failures_total',
      ['{cause="refused"} 1'],
    ],
    ['records that wait', [oneOfEach.record_queue_seen], 'mcp_governance_records_queued', [' 3']],
    ['their 900 bytes', [oneOfEach.record_queue_seen], 'mcp_governance_records_queued_bytes', [' 900']],
    [
      'a refusal of the guard',
      [oneOfEach.guard_refused],
      'mcp_governance_guard_refusals_total',
      ['{server="orders",why="no_verdict"} 1'],
    ],
    ['a withheld list', [oneOfEach.list_withheld], 'mcp_governance_lists_withheld_total', ['{server="orders"} 1']],
    [
      'an answer of OPA',
      [oneOfEach.opa_answered],
      'mcp_governance_opa_answers_total',
      ['{server="orders",result="failed"} 1'],
    ],
    [
      'a changed tool',
      [oneOfEach.pin_changed],
      'mcp_governance_pin_changes_total',
      ['{server="orders",state="changed"} 1'],
    ],
    [
      'a call that passed uncounted',
      [oneOfEach.limit_bypassed],
      'mcp_governance_limit_bypasses_total',
      ['{server="orders"} 1'],
    ],
    ['the size of the event table', [oneOfEach.event_table_seen], 'mcp_governance_open_events', [' 5']],
    [
      'each read of a policy source by its result',
      [
        oneOfEach.snapshot_loaded,
        oneOfEach.snapshot_confirmed,
        oneOfEach.snapshot_refused,
        oneOfEach.snapshot_unavailable,
      ],
      'mcp_governance_snapshot_reads_total',
      ['loaded', 'confirmed', 'refused', 'unavailable'].map((result) => `{source="file",result="${result}"} 1`),
    ],
  ])('counts %s', async (_title, observations, name, expected) => {
    expect(samplesOf(await render(observations), name)).toEqual(expected.map((sample) => `${name}${sample}`));
  });

  it('puts a judge stage of 0.2 ms into the buckets from 0.25 ms on', async () => {
    const text = await render([oneOfEach.stage_timed]);
    expect(text).toContain('mcp_governance_stage_duration_seconds_bucket{le="0.0001",stage="judge"} 0');
    expect(text).toContain('mcp_governance_stage_duration_seconds_bucket{le="0.00025",stage="judge"} 1');
    expect(text).toContain('mcp_governance_stage_duration_seconds_count{stage="judge"} 1');
  });

  it('counts an outage once, however often it is seen, and again after the store was back', async () => {
    const down = oneOfEach.store_health_seen;
    const up: Observation = { kind: 'store_health_seen', store: 'counters', ok: true };
    const text = await render([up, down, down, down, up, down]);
    expect(samplesOf(text, 'mcp_governance_store_outages_total')).toEqual([
      'mcp_governance_store_outages_total{store="counters"} 2',
    ]);
    expect(samplesOf(text, 'mcp_governance_store_up')).toEqual(['mcp_governance_store_up{store="counters"} 0']);
  });

  it('computes the age of the policy at each scrape, from the last time its source confirmed it', async () => {
    let now = noon + 5_000;
    const metrics = metricsOf([oneOfEach.snapshot_loaded], { now: () => now });
    const age = async () => samplesOf(await metrics.render(), 'mcp_governance_snapshot_age_seconds');
    expect(await age()).toEqual(['mcp_governance_snapshot_age_seconds{source="file"} 5']);
    now = noon + 60_000;
    expect(await age()).toEqual(['mcp_governance_snapshot_age_seconds{source="file"} 60']);
    metrics.observe({ ...oneOfEach.snapshot_confirmed, at: noon + 58_000 });
    expect(await age()).toEqual(['mcp_governance_snapshot_age_seconds{source="file"} 2']);
  });

  it('shows the oldest of two snapshots from one kind of source, and none for an inline one', async () => {
    const text = await render(
      [
        { ...oneOfEach.snapshot_loaded, location: 'a.yml', at: noon - 90_000 },
        { ...oneOfEach.snapshot_loaded, location: 'b.yml', at: noon - 1_000 },
        { ...oneOfEach.snapshot_loaded, source: 'inline', at: noon - 900_000 },
      ],
      { now: () => noon },
    );
    expect(samplesOf(text, 'mcp_governance_snapshot_age_seconds')).toEqual([
      'mcp_governance_snapshot_age_seconds{source="file"} 90',
    ]);
  });

  it('a refused or unreachable source does not make the policy younger', async () => {
    const text = await render([oneOfEach.snapshot_loaded, oneOfEach.snapshot_refused, oneOfEach.snapshot_unavailable], {
      now: () => noon + 30_000,
    });
    expect(text).toContain('mcp_governance_snapshot_age_seconds{source="file"} 30');
  });

  it('asks for states at each scrape', async () => {
    const sizes = [4, 9];
    const metrics = metricsOf([], { sample: () => [{ kind: 'event_table_seen', size: sizes.shift() ?? 0 }] });
    expect(samplesOf(await metrics.render(), 'mcp_governance_open_events')).toEqual(['mcp_governance_open_events 4']);
    expect(samplesOf(await metrics.render(), 'mcp_governance_open_events')).toEqual(['mcp_governance_open_events 9']);
  });

  it('samples the age of a policy without counting a read', async () => {
    const text = await render([], {
      now: () => noon,
      sample: () => [{ ...oneOfEach.snapshot_seen, confirmedAt: noon - 7_000 }],
    });
    expect(text).toContain('mcp_governance_snapshot_age_seconds{source="file"} 7');
    expect(samplesOf(text, 'mcp_governance_snapshot_reads_total')).toEqual([]);
  });

  it('every metric is fed by some observation', async () => {
    const text = await render(everyObservation);
    const silent = Object.values(metricDefinitions).filter(({ name, type }) => {
      const sample = type === 'histogram' ? `${name}_count` : name;
      return samplesOf(text, sample).every((line) => line.endsWith(' 0'));
    });
    // The store is down in `oneOfEach`, and its policy is 0 s old.
    expect(silent.map(({ name }) => name)).toEqual(['mcp_governance_store_up', 'mcp_governance_snapshot_age_seconds']);
  });
});

describe('cardinality', () => {
  it('names 100 servers and calls the others "other"', async () => {
    const decisions = Array.from({ length: 250 }, (_, index): Observation => {
      return { kind: 'decision_made', server: `server-${index}`, effect: 'allow' };
    });
    const samples = samplesOf(await render([...decisions, ...decisions]), 'mcp_governance_decisions_total');
    expect(samples).toHaveLength(101);
    expect(samples).toContain('mcp_governance_decisions_total{server="server-99",reason="allowed"} 2');
    expect(samples).toContain('mcp_governance_decisions_total{server="other",reason="allowed"} 300');
  });

  it('takes 24 reasons of the guard and no more', async () => {
    const refusals = Array.from({ length: 60 }, (_, index): Observation => {
      return { kind: 'guard_refused', server: 'orders', why: `why-${index}` };
    });
    expect(samplesOf(await render(refusals), 'mcp_governance_guard_refusals_total')).toHaveLength(25);
  });

  it('a server with every reason costs one series per reason', async () => {
    const decisions = reasons.map((reason): Observation => ({
      kind: 'decision_made',
      server: 's',
      effect: 'deny',
      reason,
    }));
    expect(samplesOf(await render(decisions), 'mcp_governance_decisions_total')).toHaveLength(reasons.length);
  });

  it('shows no tool, tenant, application, consumer, rule or argument anywhere', async () => {
    const text = await render(everyObservation);
    for (const secret of ['secret_tool', 'create_invoice', 'acme', 'billing-desk', 'per-minute', '4711', 'policy.yml'])
      expect(text).not.toContain(secret);
  });

  it('a server name with quotes and line breaks stays one label value', async () => {
    const text = await render([{ kind: 'decision_made', server: 'a"b\n} 1\nc{', effect: 'allow' }]);
    expect(samplesOf(text, 'mcp_governance_decisions_total')).toEqual([
      'mcp_governance_decisions_total{server="a\\"b\\n} 1\\nc{",reason="allowed"} 1',
    ]);
  });
});
