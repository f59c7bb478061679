import { pendingMigrations } from '../../database/migrate.ts';
import { queryRows } from '../../database/query-rows.ts';
import { addDays } from '../../domain/calendar/day.ts';
import { monthOf } from '../../domain/calendar/period.ts';
import { success } from '../../domain/result.ts';
import { listNodes } from '../../ledger/node-credentials.ts';
import { reconcileDay } from '../../ledger/reconcile-usage.ts';
import { findUnbillable } from '../../statements/tenants-to-close.ts';
import { reportUnpriced } from '../../statements/unpriced-report.ts';
import { planCatalog } from '../../stripe/catalog/plan-catalog.ts';
import type { Outcome, PlainCommand } from '../command.ts';
import { describeDatabaseError, openSession, type Session } from '../session.ts';
import { today } from '../options.ts';
import { plural } from '../table.ts';

interface Finding {
  readonly check: string;
  readonly isOk: boolean;
  readonly text: string;
}

/** One thing that can be wrong: what it says when it is, or what it says when it is not. */
type Check = (session: Session) => Promise<readonly Finding[]>;

export const doctor: PlainCommand = {
  name: 'doctor',
  needs: 'nothing',
  summary: 'what is wrong, and what to do about it',
  usage: '',
  help: `Looks at configuration, database, nodes, daily usage, prices, jobs, notices and Stripe, and says for each what is wrong and what
to do. Changes nothing. Exit code 1 when something needs somebody.

  stoa-billing doctor
`,
  options: {},
  positionals: { min: 0, max: 0 },
  run: async (_, io) => {
    const session = await openSession(io, { checksMigrations: false });
    if (!session.ok) return session;
    const { settings, database, close } = session.value;
    try {
      const pending = await pendingMigrations(database);
      return pending.length > 0
        ? answer([bad('database', `${plural(pending.length, 'migration')} lack: stoa-billing migrate`)])
        : answer(await runChecks(session.value));
    } catch (error) {
      return describeDatabaseError(error, settings.databaseUrl);
    } finally {
      session.value.progress('');
      await close();
    }
  },
};

const runChecks = async (session: Session): Promise<readonly Finding[]> => {
  const findings: Finding[] = [good('database', 'up to date')];
  for (const [name, check] of Object.entries(checks)) {
    session.progress(name);
    const found = await check(session);
    findings.push(...(found.length === 0 ? [good(name, 'nothing to say')] : found));
  }
  return findings;
};

const answer = (findings: readonly Finding[]): Outcome =>
  success({
    hasFindings: findings.some(({ isOk }) => !isOk),
    text: findings.map(({ check, isOk, text }) => `${isOk ? 'ok   ' : 'LOOK '} ${check.padEnd(9)} ${text}`).join('\n'),
    json: { findings },
  });

const good = (check: string, text: string): Finding => ({ check, isOk: true, text });
const bad = (check: string, text: string): Finding => ({ check, isOk: false, text });

const checks: Readonly<Record<string, Check>> = {
  nodes: async ({ database }) =>
    (await listNodes(database)).flatMap(({ nodeId, missing, skewMs }) => [
      ...(missing > 0n
        ? [bad('nodes', `${nodeId}: ${missing} records have not arrived; start it so that it ships its spool`)]
        : []),
      // More than the ledger lets a record be ahead.
      ...(skewMs !== null && (skewMs > 60_000n || skewMs < -60_000n)
        ? [bad('nodes', `${nodeId}: its clock is ${skewMs} ms off; set it with NTP`)]
        : []),
    ]),
  quarantine: async ({ database }) => {
    const [row] = await queryRows<{ readonly n: bigint }>(
      database,
      'select count(*) as n from billing.quarantine where resolved_at is null',
    );
    return (row?.n ?? 0n) === 0n ? [] : [bad('quarantine', `${row?.n} events wait: stoa-billing replay --list`)];
  },
  usage: async ({ database, now }) => {
    const days = [0, -1].map((offset) => addDays(today(now()), offset));
    const differences = (await Promise.all(days.map((day) => reconcileDay(database, day)))).flat();
    return differences
      .slice(0, 5)
      .map(({ day, tenant, server, tool, raw, rollup }) =>
        bad('usage', `${day} ${tenant} ${server}/${tool}: ${raw} records, daily usage says ${rollup}`),
      );
  },
  prices: async ({ database, now }) => {
    const period = monthOf(today(now()));
    const unpriced = (await reportUnpriced(database, { period })).filter(({ quantity }) => quantity > 0n);
    return [
      ...unpriced.map(({ tenant, server, tool, quantity }) =>
        bad(
          'prices',
          `${tenant}: ${server}/${tool} has no price (${quantity} calls); add one with: stoa-billing prices import`,
        ),
      ),
      ...(await findUnbillable(database, period)).map((warning) => bad('prices', warning)),
    ];
  },
  jobs: async ({ database }) => {
    const rows = await queryRows<{ readonly name: string; readonly last_error: string | null; readonly late: number }>(
      database,
      `select name, last_error, extract(epoch from now() - next_run_at)::float8 as late from billing.job_lease
       where last_error is not null or (expires_at <= now() and next_run_at < now() - interval '10 minutes') order by name`,
    );
    return rows.map(({ name, last_error: error, late }) =>
      bad(
        'jobs',
        error === null ? `${name} is ${Math.round(late)} s late; is serve or worker running?` : `${name}: ${error}`,
      ),
    );
  },
  notices: async ({ database }) => {
    const rows = await queryRows<{ readonly budget_id: string; readonly last_error: string }>(
      database,
      'select budget_id, last_error from billing.budget_notice where delivered_at is null and last_error is not null limit 5',
    );
    return rows.map(({ budget_id: budget, last_error: error }) => bad('notices', `${budget}: ${error}`));
  },
  stripe: async ({ provider }) => {
    if (provider === undefined) return [good('stripe', 'off')];
    const plan = await planCatalog(provider);
    if (!plan.ok) return [bad('stripe', plan.error.message)];
    const { changes, problems } = plan.value;
    return [
      ...problems.map(({ subject, problem, fix }) => bad('stripe', `${subject}: ${problem} ${fix}`)),
      ...(changes.length > 0
        ? [bad('stripe', `${plural(changes.length, 'change')} to make: stoa-billing catalog plan`)]
        : []),
    ];
  },
};
