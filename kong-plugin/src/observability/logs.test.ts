import { describe, expect, it } from 'vitest';
import { createLogs, type LogEvent } from './logs.ts';
import type { Observation, ObservationKind } from './observation.ts';
import { combineObservers } from './observers.ts';
import { everyObservation, oneOfEach } from './testing/observations.ts';

const linesOf = (
  observations: readonly Observation[],
  options: { readonly records?: boolean } = {},
): readonly LogEvent[] => {
  const lines: LogEvent[] = [];
  const observe = createLogs({ log: (event) => void lines.push(event), records: options.records ?? false });
  observations.forEach((observation) => observe(observation));
  return lines;
};

describe('logs', () => {
  it('writes a record under the OpenTelemetry names, at info, without its arguments', () => {
    const [line, ...more] = linesOf([oneOfEach.record_written], { records: true });
    expect(more).toEqual([]);
    expect(line).toMatchObject({
      level: 'info',
      message: 'governed request',
      'mcp.method.name': 'tools/call',
      'gen_ai.tool.name': 'create_invoice',
      'gen_ai.operation.name': 'execute_tool',
      'http.response.status_code': 200,
      'mcp_governance.server': 'orders',
      'mcp_governance.tenant': 'acme',
      'mcp_governance.decision': 'allow',
    });
    expect(JSON.stringify(line)).not.toContain('4711');
  });

  it('writes no record unless told to', () => {
    expect(linesOf([oneOfEach.record_written])).toEqual([]);
  });

  it.each<[ObservationKind, LogEvent['level'] | undefined]>([
    ['decision_made', undefined],
    ['shadow_denied', 'info'],
    ['stage_timed', undefined],
    ['store_health_seen', 'error'],
    ['limit_bypassed', 'warn'],
    ['snapshot_loaded', 'info'],
    ['snapshot_confirmed', undefined],
    ['snapshot_seen', undefined],
    ['snapshot_refused', 'error'],
    ['snapshot_unavailable', 'error'],
    ['record_failed', 'error'],
    ['record_queue_seen', undefined],
    ['spool_committed', undefined],
    ['spool_seen', undefined],
    ['spool_unrecorded', undefined],
    ['spool_unsettled', 'warn'],
    ['spool_damaged', 'error'],
    ['spool_noted', 'warn'],
    ['events_shipped', 'error'],
    ['event_set_aside', 'error'],
    ['shipping_failed', 'error'],
    ['guard_refused', 'warn'],
    ['list_withheld', 'error'],
    ['opa_answered', 'error'],
    ['pin_changed', 'warn'],
    ['event_table_seen', undefined],
  ])('%s is logged at level %s', (kind, level) => {
    expect(linesOf([oneOfEach[kind]]).map((line) => line.level)).toEqual(level === undefined ? [] : [level]);
  });

  it('an answer of OPA that was given is not logged', () => {
    expect(linesOf([{ kind: 'opa_answered', server: 'orders', result: 'deny' }])).toEqual([]);
  });

  it('tells once that a store is away and once that it is back, though it is seen at every request', () => {
    const down = oneOfEach.store_health_seen;
    const up: Observation = { kind: 'store_health_seen', store: 'counters', ok: true };
    expect(linesOf([up, up, down, down, down, up, up]).map((line) => line.message)).toEqual([
      'a store is away',
      'a store is back',
    ]);
  });

  it('tells once that a polled source is unreachable, again when the problem is another, and once that it is fine', () => {
    const away = oneOfEach.snapshot_unavailable;
    const lines = linesOf([
      away,
      away,
      { ...away, why: 'EACCES' },
      away,
      oneOfEach.snapshot_confirmed,
      oneOfEach.snapshot_confirmed,
    ]);
    expect(lines.map((line) => line['why'] ?? line.message)).toEqual([
      'ENOENT',
      'EACCES',
      'ENOENT',
      'policy source is fine again',
    ]);
  });

  it('lists the first 20 issues of a refused policy and says how many there are', () => {
    const issues = Array.from({ length: 500 }, (_, index) => `rules[${index}]: is wrong`);
    const [line] = linesOf([{ ...oneOfEach.snapshot_refused, issues }]);
    expect(line?.['issues']).toEqual(issues.slice(0, 20));
    expect(line?.['issueCount']).toBe(500);
  });
});

describe('combined observers', () => {
  it('all see every observation, and one that throws is reported and stops nobody', () => {
    const seen: ObservationKind[] = [];
    const failures: unknown[] = [];
    const observe = combineObservers(
      [
        () => {
          throw new Error('disk full');
        },
        (observation) => void seen.push(observation.kind),
      ],
      (error, observation) => void failures.push([observation.kind, String(error)]),
    );
    everyObservation.forEach((observation) => observe(observation));
    expect(seen).toEqual(everyObservation.map(({ kind }) => kind));
    expect(failures).toHaveLength(everyObservation.length);
    expect(failures[0]).toEqual(['decision_made', 'Error: disk full']);
  });
});
