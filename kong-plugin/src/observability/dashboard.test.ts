import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { metricDefinitions, type MetricDefinition } from './metric-definitions.ts';
import { createMetrics } from './metrics.ts';
import { everyObservation, noon } from './testing/observations.ts';
import { readPromql } from './testing/promql.ts';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
}

const dashboard = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, '../../../docs/grafana-dashboard.json'), 'utf8'),
) as Dashboard;

/** Every series of the registry after one observation of each kind, with its labels: what Prometheus would store. */
const scraped = async (): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const metrics = createMetrics({ version: '1.2.3', now: () => noon });
  everyObservation.forEach((observation) => metrics.observe(observation));
  const series = new Map<string, Set<string>>();
  for (const line of (await metrics.render()).split('\n')) {
    const [, name, labels = ''] = /^([a-z_][a-zA-Z0-9_]*)(?:\{(.*)\})? /.exec(line) ?? [];
    if (name === undefined) continue;
    const known = series.get(name) ?? new Set(['instance', 'job']);
    for (const [, label = ''] of labels.matchAll(/([a-z_]+)="/g)) known.add(label);
    series.set(name, known);
  }
  return series;
};

const problemsOf = (expression: string, series: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] =>
  readPromql(expression).flatMap(({ metric, labels }) => {
    const known = series.get(metric);
    if (known === undefined) return [`${metric} does not exist`];
    return labels.filter((label) => !known.has(label)).map((label) => `${metric} has no label ${label}`);
  });

const expressions = dashboard.panels.flatMap((panel) =>
  (panel.targets ?? []).map(({ refId, expr }) => [`${panel.title} ${refId}`, expr] as const),
);

describe('docs/grafana-dashboard.json', () => {
  it.each(expressions)('%s reads metrics and labels that the registry has', async (_title, expression) => {
    expect(problemsOf(expression, await scraped())).toEqual([]);
  });

  it('shows every metric of the plugin', () => {
    const shown = new Set(expressions.flatMap(([, expression]) => readPromql(expression).map(({ metric }) => metric)));
    const definitions: readonly MetricDefinition[] = Object.values(metricDefinitions);
    const hidden = definitions.filter(({ name }) => ![name, `${name}_bucket`].some((series) => shown.has(series)));
    expect(hidden.map(({ name }) => name)).toEqual([]);
  });

  it('fills its variables from a label that exists', async () => {
    const series = await scraped();
    const queries = dashboard.templating.list.filter(({ name }) => name !== 'datasource').map(({ query }) => query);
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) {
      const [, metric = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(query) ?? [];
      expect(series.get(metric)?.has(label)).toBe(true);
    }
  });

  it('uses no variable that it does not define', () => {
    const defined = new Set(['__rate_interval', ...dashboard.templating.list.map(({ name }) => name)]);
    const used = expressions.flatMap(([, expression]) => [...expression.matchAll(/\$(\w+)/g)].map(([, name]) => name));
    expect(used.filter((name) => name === undefined || !defined.has(name))).toEqual([]);
  });

  it('has panels with different ids that do not overlap', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    expect(new Set(cells).size).toBe(cells.length);
  });
});

describe('the check itself', () => {
  it.each([
    ['rate(mcp_governance_decision_total[5m])', 'mcp_governance_decision_total does not exist'],
    ['sum by (tool) (rate(mcp_governance_decisions_total[5m]))', 'mcp_governance_decisions_total has no label tool'],
    ['mcp_governance_decisions_total{tenant="acme"}', 'mcp_governance_decisions_total has no label tenant'],
    ['sum(mcp_governance_open_events) by (server)', 'mcp_governance_open_events has no label server'],
    ['1 - mcp_governance_stage_duration_seconds', 'mcp_governance_stage_duration_seconds does not exist'],
  ])('finds what is wrong with %s', async (expression, problem) => {
    expect(problemsOf(expression, await scraped())).toEqual([problem]);
  });

  it.each([
    'sum(',
    'sum(a))',
    'a{b=c}',
    'a{b="c"',
    'nosuchfunction(a)',
    'a b',
    'a[5x]',
    'rate(a[5m]',
    'a{="b"}',
    '',
    'a $ b',
  ])('does not read %s', (expression) => {
    expect(() => readPromql(expression)).toThrow();
  });
});
