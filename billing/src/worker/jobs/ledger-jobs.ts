import { sealDays } from '../../audit/seal-days.ts';
import { verifyDays } from '../../audit/verify-days.ts';
import { queryRows, runSql } from '../../database/query-rows.ts';
import { addDays } from '../../domain/calendar/day.ts';
import { monthOf } from '../../domain/calendar/period.ts';
import { rollPartitions } from '../../ledger/partitions.ts';
import { refreshEvidence } from '../../statements/usage-evidence.ts';
import type { Job } from '../job.ts';
import { withFence } from '../job-lease.ts';

const MINUTE = 60;
const HOUR = 3_600;

/** Makes this month's partition and the next two. */
export const partitionsJob: Job = {
  name: 'partitions',
  everySeconds: 6 * HOUR,
  run: async ({ database, now }) => {
    await rollPartitions(database, new Date(now()));
    return undefined;
  },
};

/** Seals days of the audit chain that have ended, and reads them again: only a verified month is closed without a question. */
export const auditChainJob: Job = {
  name: 'audit-chain',
  everySeconds: 10 * MINUTE,
  run: async ({ database, lease, signal, now }) => {
    const seals = await sealDays(database, new Date(now()));
    const waiting = await queryRows<{ readonly day: string }>(
      database,
      'select day from billing.audit_day where sealed_at is not null and verified_at is null order by day limit 31',
    );
    for (const { day } of waiting) {
      if (signal.aborted) return undefined;
      const verdict = await verifyDays(database, { from: day, to: day });
      // The first bad row stops everything behind it, until somebody has looked.
      if (!verdict.ok)
        throw new Error(
          `The audit chain is broken on ${verdict.finding.day} (${verdict.finding.kind}): ${verdict.finding.detail}`,
        );
      await withFence(database, lease, (transaction) =>
        runSql(transaction, 'update billing.audit_day set verified_at = now() where day = ?', [day]),
      );
    }
    const last = seals.at(-1);
    // In a log of others it proves later that nothing before it was changed.
    return last === undefined ? undefined : `audit chain sealed up to ${last.day}: ${last.sealSha256}`;
  },
};

/** Hashes days whose usage has changed, so that closing a month finds them done. Today changes all the time and waits. */
export const evidenceJob: Job = {
  name: 'evidence',
  everySeconds: HOUR,
  run: async ({ database, now }) => {
    const today = new Date(now()).toISOString().slice(0, 10);
    const { start } = monthOf(addDays(monthOf(today).start, -1));
    const days = start < today ? await refreshEvidence(database, { start, end: today }) : [];
    return days.length === 0 ? undefined : `evidence hashed for ${days.length} days`;
  },
};
