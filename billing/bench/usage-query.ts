import { runSql } from '../src/database/query-rows.ts';
import type { Database } from '../src/database/open-database.ts';
import { searchInvocations } from '../src/audit/search-invocations.ts';
import { verifyDays } from '../src/audit/verify-days.ts';
import { createIngest } from '../src/ledger/ingest.ts';
import { liveUsage } from '../src/ledger/live-usage.ts';
import { reportUsage, type UsageGroup } from '../src/ledger/usage-report.ts';
import { openBenchDatabase } from './bench-database.ts';
import { createGenerator, TENANTS, TOOLS } from './invocations.ts';

const ROUNDS = 60;
const RAW = 100_000;

/** What a page of the portal asks: one tenant's month in the daily usage of 200 tenants x 40 tools x 3 applications x 2 outcomes. */
export const benchUsageQuery = async (print: (line: string) => void): Promise<void> => {
  const bench = await openBenchDatabase();
  try {
    const { database } = bench;
    const rows = await seedMonth(database);
    print(`usage query: one tenant's month among ${rows.toLocaleString('en')} daily sums (10 M calls), goal 50 ms`);
    const month = { from: '2026-10-01', to: '2026-11-01' };
    const report = (groupBy: readonly UsageGroup[]) => (round: number) =>
      reportUsage(database, { ...month, tenant: `tenant-${round % TENANTS}`, groupBy });
    print(await timed('by tool', report(['server', 'tool'])));
    print(await timed('by day', report(['day'])));
    print(await timed('by application, tool and outcome', report(['application', 'server', 'tool', 'outcome'])));
    print(await timed('by day, tool and outcome', report(['day', 'server', 'tool', 'outcome'])));
    print(await timed('all tenants, by tenant', () => reportUsage(database, { ...month, groupBy: ['tenant'] }), 5));

    await ingestRaw(database);
    print(`single records: ${RAW.toLocaleString('en')} of the last ${RAW / 100_000} h`);
    const window = { from: new Date(Date.now() - 7_200_000), to: new Date() };
    print(
      await timed('live monitor of a tool, 60 minutes', (round) =>
        liveUsage(database, { ...toolOf(round), minutes: 60 }),
      ),
    );
    print(
      await timed('audit search, a page of a tenant and tool', (round) =>
        searchInvocations(database, { ...window, tenant: `tenant-${round % TENANTS}`, ...toolOf(round) }),
      ),
    );
    const start = performance.now();
    const today = new Date().toISOString().slice(0, 10);
    const verdict = await verifyDays(database, { from: today, to: today });
    if (!verdict.ok) throw new Error(verdict.finding.detail);
    const seconds = (performance.now() - start) / 1000;
    print(
      `  ${'audit verification of a day'.padEnd(44)} ${Math.round(verdict.verified / seconds).toLocaleString('en')} rows/s`,
    );
  } finally {
    await bench.close();
  }
};

const toolOf = (round: number) => ({ server: `server-${(round % TOOLS) % 8}`, tool: `tool-${round % TOOLS}` });

const seedMonth = async (database: Database): Promise<number> => {
  const rows = await runSql(
    database,
    `insert into usage_day
     select 'tenant-' || t, date '2026-10-01' + d, 'server-' || k % 8, 'tool-' || k, 'tool', 'application-' || a, o,
       7, 700, 230, 5600, 16000, now()
     from generate_series(0, ${TENANTS - 1}) t, generate_series(0, 30) d, generate_series(0, ${TOOLS - 1}) k,
       generate_series(0, 2) a, unnest(array['ok', 'tool_error']) o order by d, k, t`,
  );
  await database.raw('vacuum analyze usage_day');
  return rows;
};

const ingestRaw = async (database: Database): Promise<void> => {
  const ingest = createIngest(database);
  const generator = createGenerator('node', 'skewed');
  const start = Date.now() - 3_600_000;
  for (let first = 0; first < RAW; first += 1_000)
    await ingest({
      nodeId: 'node',
      events: Array.from({ length: 1_000 }, (_, index) => ({
        raw: JSON.stringify(generator.next(start + Math.floor(((first + index) / RAW) * 3_600_000))),
      })),
    });
  await database.raw('vacuum analyze invocation');
};

const timed = async (title: string, query: (round: number) => Promise<unknown>, rounds = ROUNDS): Promise<string> => {
  await query(0);
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    await query(round);
    samples.push(performance.now() - start);
  }
  samples.sort((a, b) => a - b);
  const at = (share: number): string => (samples[Math.floor((samples.length - 1) * share)] ?? 0).toFixed(1);
  return `  ${title.padEnd(44)} p50 ${at(0.5).padStart(7)} ms   p99 ${at(0.99).padStart(7)} ms`;
};
