import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { outcomes } from '../host/guard-protocol.ts';
import { metricDefinitions, type MetricDefinition } from './metric-definitions.ts';
import { snapshotSources, stages, stores } from './observation.ts';

const rowOf = (definition: MetricDefinition): string =>
  `| \`${definition.name}\` | ${definition.type} | ${definition.unit} | ${definition.labels.map((label) => `\`${label}\``).join(', ') || '-'} | ${definition.help} |`;

/** Closed lists where they are closed; the registry bounds the others. */
const labelValues: Readonly<Record<string, string>> = {
  server: 'name of the server in the configuration; at most 100, then `other`',
  reason: '`allowed`, or a reason of `kong-plugin/src/domain/reason.ts`; `unknown` would be a defect',
  stage: stages.join(', '),
  store: stores.join(', '),
  source: `${snapshotSources.join(', ')}; an inline policy has no age`,
  outcome: outcomes.join(', '),
  why: 'what mcp-guard says: no_verdict, wrong_consumer, wrong_scope, wrong_request, upgrade, ...; at most 24, then `other`',
  result: 'as the metric says',
  cause: 'away, refused, disk',
  state: 'new, approved, changed, withdrawn',
  version: 'of the plugin server',
};

describe('docs/metrics.md', () => {
  it('says what the registry has (run this test with -u to write it)', async () => {
    const text = [
      '# Metrics',
      '',
      'Made from `kong-plugin/src/observability/metric-definitions.ts`; a test keeps it true. A dashboard for Grafana that shows all',
      'of them is [grafana-dashboard.json](grafana-dashboard.json).',
      '',
      'No label names a tool, a tenant, an application or a consumer: their number is not bounded, and who called what is in the',
      'records. `server` has at most 100 values, the rest is counted as `other`. A refused read of a policy, a store that is away and',
      'a lost record are also log lines with their cause.',
      '',
      '| metric | type | unit | labels | meaning |',
      '|---|---|---|---|---|',
      ...Object.values(metricDefinitions).map(rowOf),
      '',
      'A histogram has the series `_bucket` (with the label `le`), `_sum` and `_count`.',
      '',
      '## Values of the labels',
      '',
      '| label | values |',
      '|---|---|',
      ...Object.entries(labelValues).map(([label, values]) => `| \`${label}\` | ${values} |`),
      '',
      '## Of the process',
      '',
      'The plugin server also exports the default metrics of prom-client, `process_*` and `nodejs_*`: CPU, memory, open files, event',
      'loop lag and garbage collection.',
      '',
    ].join('\n');
    await expect(text).toMatchFileSnapshot(path.resolve(import.meta.dirname, '../../../docs/metrics.md'));
  });

  it('names a unit for every metric, and the unit that its name ends in', () => {
    const definitions: readonly MetricDefinition[] = Object.values(metricDefinitions);
    for (const { name, unit, type } of definitions) {
      expect(unit).not.toBe('');
      if (name.endsWith('_seconds')) expect(unit).toMatch(/^seconds/);
      if (name.endsWith('_bytes')) expect(unit).toBe('bytes');
      expect(name.endsWith('_total')).toBe(type === 'counter');
    }
  });

  it('explains every label', () => {
    const definitions: readonly MetricDefinition[] = Object.values(metricDefinitions);
    const used = new Set(definitions.flatMap(({ labels }) => labels));
    expect(Object.keys(labelValues).sort()).toEqual([...used].sort());
  });
});
