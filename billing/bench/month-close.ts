import type { Database } from '../src/database/open-database.ts';
import { importPrices } from '../src/price-book/import-prices.ts';
import { checkPriceDocument } from '../src/price-book/read-price-document.ts';
import { ensurePartitions } from '../src/ledger/partitions.ts';
import { closePeriod, type CloseReport, type CloseStep } from '../src/statements/close-period.ts';
import { previewStatement } from '../src/statements/preview-statement.ts';
import { refreshEvidence, verifyEvidence } from '../src/statements/usage-evidence.ts';
import { verifyStatement } from '../src/statements/verify-statement.ts';
import { openBenchDatabase, type BenchDatabase } from './bench-database.ts';
import { TENANTS, TOOLS } from './invocations.ts';

const month = { start: '2026-03-01', end: '2026-04-01' };
const DAYS = 31;
const after = new Date('2026-04-01T01:00:00.000Z');

/**
 * A month of calls, spread evenly over tenants, tools, three applications and days (the most rows of usage there can be): hashing
 * its days, closing it from the daily usage, and reading every record again.
 */
export const benchMonthClose = async (print: (line: string) => void): Promise<void> => {
  const calls = Number(process.env['BENCH_CALLS'] ?? 1_000_000);
  const bench = await openBenchDatabase();
  const { database } = bench;
  try {
    print(`close: a month of ${calls.toLocaleString('en')} calls of ${TENANTS} tenants to ${TOOLS} tools`);
    await importPriceBook(database);
    await measure('seeding records and usage', { bench, print, run: () => seed(database, calls) });
    await measure('hashing the days, once each', { bench, print, run: () => refreshEvidence(database, month) });
    const steps = stepTimes();
    const report = await measure('closing from daily usage', { bench, print, run: () => close(database, steps.note) });
    print(`    ${steps.text()}; ${describe(report)}`);
    await measure('closing again', { bench, print, run: () => close(database) });
    await measure('reading every record again', { bench, print, run: () => checked(database, calls) });
    await measure('verifying one statement', {
      bench,
      print,
      run: () => verified(database, report.sealed[0]?.id ?? ''),
    });
    await measure("preview of one tenant's month", {
      bench,
      print,
      run: () => previewStatement(database, { tenant: 'tenant-7', period: month }),
    });
  } finally {
    await bench.close();
  }
};

const measure = async <Value>(
  title: string,
  {
    bench,
    print,
    run,
  }: { readonly bench: BenchDatabase; readonly print: (line: string) => void; readonly run: () => Promise<Value> },
): Promise<Value> => {
  const postgresBefore = await bench.processorMs();
  const nodeBefore = process.cpuUsage();
  const start = performance.now();
  const value = await run();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(nodeBefore);
  const postgresAfter = await bench.processorMs();
  const postgres =
    postgresBefore === undefined || postgresAfter === undefined ? undefined : (postgresAfter - postgresBefore) / 1000;
  const processor = `processor ${((user + system) / 1_000_000).toFixed(1)} + ${postgres?.toFixed(1) ?? '?'} s (Node + PostgreSQL)`;
  print(`  ${title.padEnd(32)} ${seconds.toFixed(seconds < 10 ? 2 : 1).padStart(8)} s   ${processor}`);
  return value;
};

const models = [
  { model: 'flat', unit_amount: '0.0025' },
  { model: 'package', size: 100, amount: '1.5' },
  { model: 'graduated', tiers: [{ up_to: 500, unit_amount: '0.01' }, { unit_amount: '0.005' }] },
  { model: 'volume', tiers: [{ up_to: 1_000, unit_amount: '0.004' }, { unit_amount: '0.003' }] },
];

/** Each tool has a list price of one of the four models; every tenth tenant its own; two teams share each application. */
const importPriceBook = async (database: Database): Promise<void> => {
  const names = Array.from({ length: TENANTS }, (_, index) => `tenant-${index}`);
  const scope = { currency: 'eur', effective_from: '2026-01-01', free_units: 50 };
  const document = checkPriceDocument({
    version: 1,
    tenants: names.map((id) => ({ id, name: id, currency: 'eur' })),
    prices: [
      ...Array.from({ length: TOOLS }, (_, tool) => ({
        ...scope,
        ...models[tool % models.length],
        server: `server-${tool % 8}`,
        tool: `tool-${tool}`,
      })),
      ...names
        .filter((_, index) => index % 10 === 0)
        .map((tenant) => ({ ...scope, ...models[0], tenant, server: 'server-1', tool: '*' })),
    ],
    allocations: names.map((tenant) => ({
      tenant,
      effective_from: '2026-01-01',
      rules: [0, 1, 2].flatMap((application) =>
        ['red', 'blue'].map((team) => ({
          application: `application-${application}`,
          team: `${team}-${application}`,
          cost_center: '1',
          weight_bp: 5_000,
        })),
      ),
    })),
  });
  if (!document.ok) throw new Error(JSON.stringify(document.error.slice(0, 3)));
  const done = await importPrices(database, document.value, { actor: 'bench' });
  if (!done.ok) throw new Error(JSON.stringify(done.error.slice(0, 3)));
};

const seed = async (database: Database, calls: number): Promise<void> => {
  await ensurePartitions(database, [month.start.slice(0, 7)]);
  for (let day = 0; day < DAYS; day += 1) {
    const count = Math.floor(calls / DAYS) + (day < calls % DAYS ? 1 : 0);
    await database.raw(insertDay, [month.start, day, day, count]);
  }
  await database.raw(sumUsage);
  await database.raw('vacuum analyze');
};

/** Calls of one day in the order of time, as a gateway sends them. */
const insertDay = `
  insert into billing.invocation (id, occurred_at, recorded_at, late, tenant, application, server, tool, kind, method, decision,
    outcome, status, latency_ms, request_bytes, response_bytes, node_id, node_epoch, node_sequence, content_sha256, record)
  select (left(ms, 8) || '-' || right(ms, 4) || '-7' || substr(hash, 1, 3) || '-8' || substr(hash, 4, 3) || '-' || substr(hash, 7, 12))::uuid,
    occurred_at, occurred_at + interval '1 second', false, 'tenant-' || n % ${TENANTS}, 'application-' || (n / ${TENANTS}) % 3,
    'server-' || (n / 600) % ${TOOLS} % 8, 'tool-' || (n / 600) % ${TOOLS}, 'tool', 'tools/call', 'allow',
    case when i % 20 = 0 then 'tool_error' else 'ok' end, 200, 40, 812, 2301, 'gw-1', '019cacafe0000badcafe', day * 10000000 + i,
    sha256(hash::bytea), '{}'
  from (
    select i, day, occurred_at, lpad(to_hex((extract(epoch from occurred_at) * 1000)::bigint), 12, '0') as ms,
      md5(day || '/' || i) as hash, abs(hashint8(i * 31 + day)::bigint) as n
    from (
      select i, ?::date + ?::integer + (i * (86399999 / count::float8))::bigint * interval '1 millisecond' as occurred_at, ?::bigint as day
      from (select ?::bigint as count) c, generate_series(1, count) i
    ) times
  ) hashed`;

const sumUsage = `
  insert into billing.usage_day (tenant, day, server, tool, kind, application, outcome, n, latency_ms_sum, latency_ms_max,
    request_bytes, response_bytes, updated_at)
  select tenant, occurred_at::date, server, tool, kind, application, outcome, count(*), sum(latency_ms), max(latency_ms),
    sum(request_bytes), sum(response_bytes), now()
  from billing.invocation group by tenant, occurred_at::date, server, tool, kind, application, outcome`;

const close = async (
  database: Database,
  onProgress?: (step: CloseStep, done: number) => void,
): Promise<CloseReport> => {
  const report = await closePeriod(database, month, {
    now: after,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  if (!report.ok) throw new Error(report.error.problem);
  if (report.value.held.length + report.value.failed.length > 0)
    throw new Error(
      `not sealed: ${JSON.stringify([...report.value.held, ...report.value.failed].slice(0, 2), (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))}`,
    );
  return report.value;
};

const describe = ({ sealed }: CloseReport): string =>
  `${sealed.length} statements, ${sealed.reduce((sum, { lines }) => sum + lines, 0).toLocaleString('en')} lines`;

/** Seconds from a step's beginning to the next one's. */
const stepTimes = () => {
  const begun: { readonly step: CloseStep; readonly at: number }[] = [];
  return {
    note: (step: CloseStep, done: number): void => {
      if (done === 0) begun.push({ step, at: performance.now() });
    },
    text: (): string =>
      begun
        .map(
          ({ step, at }, index) =>
            `${step} ${(((begun[index + 1]?.at ?? performance.now()) - at) / 1000).toFixed(2)} s`,
        )
        .join(', '),
  };
};

const checked = async (database: Database, calls: number): Promise<void> => {
  const { records, changed } = await verifyEvidence(database, month);
  if (records !== BigInt(calls) || changed.length > 0)
    throw new Error(`${records} of ${calls} records read, ${changed.length} days of a tool differ`);
};

const verified = async (database: Database, id: string): Promise<void> => {
  const check = await verifyStatement(database, id);
  if (!check.ok || check.value.faults.length > 0) throw new Error(`the statement is not what was sealed: ${id}`);
};
