import type { Knex } from 'knex';
import type { Database } from '../database/open-database.ts';
import type { Day } from '../domain/calendar/day.ts';
import type { Period } from '../domain/calendar/period.ts';
import { describeIssue, type Issue } from '../domain/issue.ts';
import type { MinorUnits } from '../domain/money/currency.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { isPassing } from '../ledger/sql-errors.ts';
import { PRICE_BOOK_LOCK } from '../price-book/import-prices.ts';
import { insertAdjustments, listAdjustments, type NewAdjustment } from './adjustment-store.ts';
import { isForceable, type Blocker } from './blocker.ts';
import { findLedgerBlockers, unpricedBlockers } from './find-blockers.ts';
import { asStored, findLateUsage } from './find-late-usage.ts';
import { loadEvidence, proveStatement, type ProvenStatement } from './line-evidence.ts';
import { loadRates, rateStatements, type Rated, type RatedTenant } from './rate-statements.ts';
import { findClosable, findUnbillable, type ClosableTenant } from './tenants-to-close.ts';
import { findStaleDays, hashDay, refreshEvidence } from './usage-evidence.ts';
import { readSnapshot, type UsageSnapshot } from './usage-snapshot.ts';
import { verifyChain, type BrokenDay } from './verify-chain.ts';
import { writeStatements, type NewStatement } from './write-statements.ts';

export type CloseStep = 'chain' | 'evidence' | 'late' | 'rate' | 'write';

export interface CloseOptions {
  readonly now: Date;
  /** Seals in spite of blockers; both are kept on each statement that had one. */
  readonly force?: { readonly reason: string; readonly actor: string };
  /** Says what would be sealed and held, and stores nothing but evidence. */
  readonly isDryRun?: boolean;
  /** `done` of `total` days, tenants or statements. */
  readonly onProgress?: (step: CloseStep, done: number, total: number) => void;
}

export interface ClosedStatement {
  readonly id: string;
  readonly tenant: string;
  readonly currency: string;
  readonly lines: number;
  readonly subtotalMinor: MinorUnits;
  readonly blockers: readonly Blocker[];
}

export interface CloseReport {
  readonly period: Period;
  readonly isDryRun: boolean;
  readonly sealed: readonly ClosedStatement[];
  /** Stored as drafts: closing again when their blockers are gone seals them. */
  readonly held: readonly ClosedStatement[];
  /** Tenants for which no statement can be made at all. */
  readonly failed: readonly { readonly tenant: string; readonly blockers: readonly Blocker[] }[];
  /** Statements of the period that were sealed before. */
  readonly alreadySealed: number;
  /** Corrections made for calls that came after earlier months were sealed. */
  readonly lateAdjustments: readonly NewAdjustment[];
  /** What cannot be on any statement and needs somebody's eye. */
  readonly warnings: readonly string[];
}

/**
 * Rates and seals a period for every tenant that has usage, corrections or a minimum in it. Everything is read from one
 * snapshot and written in one transaction. Closing again seals what was held or is new and touches nothing else.
 */
export const closePeriod = async (
  database: Database,
  period: Period,
  options: CloseOptions,
): Promise<Result<CloseReport, Issue>> => {
  const today = options.now.toISOString().slice(0, 10);
  if (today < period.end)
    return failure({
      path: 'period',
      problem: `The period ends on ${period.end} (UTC); today is ${today}.`,
      suggestion: 'Look at a preview until then.',
    });
  const reason = options.force?.reason.trim();
  if (reason === '')
    return failure({
      path: 'reason',
      problem: 'Is empty.',
      suggestion: 'Say why it is sealed in spite of what is open.',
    });
  const broken = await verifyChain(database, {
    from: period.start,
    today,
    onProgress: (done, total) => options.onProgress?.('chain', done, total),
  });
  await refreshEvidence(database, period, (done, total) => options.onProgress?.('evidence', done, total));
  return success(await closeLocked(database, { period, options, today, broken }));
};

interface Closing {
  readonly period: Period;
  readonly options: CloseOptions;
  readonly today: Day;
  readonly broken: readonly BrokenDay[];
}

/** A worker that hashes a day or a credit that is given meanwhile can be in the way once; three times is something else. */
const MAX_ATTEMPTS = 3;

/** The lock is another transaction's: waiting for it would otherwise be part of the snapshot. */
const closeLocked = (database: Database, closing: Closing): Promise<CloseReport> =>
  database.transaction(async (lock) => {
    await lock.raw('select pg_advisory_xact_lock(?)', [PRICE_BOOK_LOCK]);
    for (let attempt = 1; ; attempt += 1)
      try {
        return await database.transaction((inner) => close(inner, closing), { isolationLevel: 'repeatable read' });
      } catch (error) {
        if (attempt >= MAX_ATTEMPTS || !isPassing(error)) throw error;
      }
  });

const close = async (transaction: Knex, closing: Closing): Promise<CloseReport> => {
  const { period, options } = closing;
  const snapshot = await readSnapshot(transaction);
  const wasStale = await takeInLateRecords(transaction, period);
  const rates = await loadRates(transaction);
  options.onProgress?.('late', 0, 1);
  const late = await findLateUsage(transaction, { rates, now: options.now });
  options.onProgress?.('late', 1, 1);
  const { tenants, alreadySealed } = await findClosable(transaction, {
    period,
    also: late.adjustments.map(({ tenant }) => tenant),
  });
  const toRate = await withAdjustments(transaction, tenants, late.adjustments);
  options.onProgress?.('rate', 0, tenants.length);
  const rated = await rateStatements(transaction, { period, tenants: toRate, rates });
  const judged = await judgeStatements(transaction, { ...closing, rated, tenants, wasStale });
  options.onProgress?.('rate', tenants.length, tenants.length);
  if (options.isDryRun !== true)
    await store(transaction, {
      ...closing,
      snapshot,
      statements: judged.statements,
      late: late.adjustments,
    });
  return {
    period,
    isDryRun: options.isDryRun === true,
    sealed: judged.statements.filter(({ isSealed }) => isSealed).map(toClosed),
    held: judged.statements.filter(({ isSealed }) => !isSealed).map(toClosed),
    failed: judged.failed,
    alreadySealed,
    lateAdjustments: late.adjustments,
    warnings: [...(await findUnbillable(transaction, period)), ...late.failures],
  };
};

/** Hashes what came between hashing and the snapshot. True when there was any. */
const takeInLateRecords = async (transaction: Knex, period: Period): Promise<boolean> => {
  const days = await findStaleDays(transaction, period);
  for (const day of days) await hashDay(transaction, day);
  return days.length > 0;
};

const withAdjustments = async (
  transaction: Knex,
  tenants: readonly ClosableTenant[],
  late: readonly NewAdjustment[],
): Promise<readonly RatedTenant[]> => {
  const ids = tenants.map(({ tenant }) => tenant.id);
  const stored = await listAdjustments(transaction, { tenants: ids, settlement: 'next_statement', isPending: true });
  const known = new Set(stored.map(({ id }) => id));
  const pending = [...stored, ...late.map(asStored).filter(({ id }) => !known.has(id))];
  return tenants.map(({ tenant, revision }) => ({
    tenant,
    revision,
    adjustments: pending.filter((adjustment) => adjustment.tenant === tenant.id),
  }));
};

interface Judging extends Closing {
  readonly rated: readonly Rated[];
  readonly tenants: readonly ClosableTenant[];
  readonly wasStale: boolean;
}

const judgeStatements = async (
  transaction: Knex,
  { period, broken, options, rated, tenants, wasStale }: Judging,
): Promise<{ readonly statements: readonly NewStatement[]; readonly failed: CloseReport['failed'] }> => {
  const everybody = await findLedgerBlockers(transaction, { period, broken, wasStale });
  const evidence = await loadEvidence(transaction, { period, tenants: tenants.map(({ tenant }) => tenant.id) });
  const statements: NewStatement[] = [];
  const failed: CloseReport['failed'][number][] = [];
  rated.forEach((result, index) => {
    const tenant = tenants[index]?.tenant;
    if (tenant === undefined) return;
    if (!result.ok) {
      const detail = result.error.map(describeIssue).join(' ');
      failed.push({ tenant: tenant.id, blockers: [{ kind: 'not_ratable', detail }] });
      return;
    }
    const proven = proveStatement(result.value, evidence);
    const blockers = [...everybody, ...unpricedBlockers(proven.statement), ...unprovenBlockers(proven)];
    const isForced = blockers.length > 0 && options.force !== undefined && blockers.every(isForceable);
    statements.push({
      ...proven,
      minimumMinor: tenant.minimumMinor,
      isSealed: blockers.length === 0 || isForced,
      blockers,
      forced: isForced ? options.force : undefined,
    });
  });
  return { statements, failed };
};

const unprovenBlockers = ({ unproven }: ProvenStatement): readonly Blocker[] =>
  unproven.length === 0
    ? []
    : [
        {
          kind: 'rollup_differs',
          detail: `The records of line ${unproven.map(({ lineNo }) => lineNo).join(', ')} do not number what is billed.`,
        },
      ];

interface Storing extends Closing {
  readonly snapshot: UsageSnapshot;
  readonly statements: readonly NewStatement[];
  readonly late: readonly NewAdjustment[];
}

const store = async (transaction: Knex, { period, options, snapshot, statements, late }: Storing): Promise<void> => {
  options.onProgress?.('write', 0, statements.length);
  await transaction('billing.statement')
    .where({ period_start: period.start, state: 'draft' })
    .whereIn(
      'tenant',
      statements.map(({ statement }) => statement.tenant),
    )
    .delete();
  await insertAdjustments(transaction, late);
  await writeStatements(transaction, statements, { snapshot, now: options.now });
  for (const { isSealed, statement } of statements) {
    const taken = statement.lines.flatMap(({ adjustmentId }) => (adjustmentId === undefined ? [] : [adjustmentId]));
    if (isSealed && taken.length > 0)
      await transaction('billing.adjustment').whereIn('id', taken).update({ applied_statement_id: statement.id });
  }
  options.onProgress?.('write', statements.length, statements.length);
};

const toClosed = ({ statement, blockers }: NewStatement): ClosedStatement => ({
  id: statement.id,
  tenant: statement.tenant,
  currency: statement.currency,
  lines: statement.lines.length,
  subtotalMinor: statement.subtotalMinor,
  blockers,
});
