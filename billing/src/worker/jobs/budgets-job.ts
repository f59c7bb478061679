import { deliverNotices, type NoticeWebhook } from '../../budgets/deliver-notices.ts';
import { evaluateBudgets, type SpendingOf } from '../../budgets/evaluate-budgets.ts';
import type { Database } from '../../database/open-database.ts';
import type { BudgetNotice } from '../../domain/budgets/budget-notice.ts';
import { describeIssue } from '../../domain/issue.ts';
import { toSpending } from '../../domain/statements/to-spending.ts';
import { previewStatement } from '../../statements/preview-statement.ts';
import type { Job } from '../job.ts';
import { withFence } from '../job-lease.ts';

export interface BudgetsJobOptions {
  readonly webhook?: NoticeWebhook;
  readonly log: (notice: BudgetNotice) => void;
  readonly random: () => number;
  /** A budget is overrun by what is called in this time and in the second until gateways ask again. */
  readonly everySeconds?: number;
}

export const budgetsJob = ({ webhook, log, random, everySeconds = 10 }: BudgetsJobOptions): Job => ({
  name: 'budgets',
  everySeconds,
  run: async ({ database, lease, signal, now }) => {
    await evaluateBudgets({
      database,
      spendingOf: createSpendingOf(database),
      now: now(),
      write: (inside) => withFence(database, lease, inside),
    });
    const options = { database, log, now, random, signal, ...(webhook === undefined ? {} : { webhook }) };
    const delivered = await deliverNotices(options);
    return delivered === 0 ? undefined : `${delivered} notices of budgets`;
  },
});

/** A tenant that cannot be rated is a failure of the job and no spending of 0: what was refused stays refused. */
export const createSpendingOf =
  (database: Database): SpendingOf =>
  async (tenant, period) => {
    const preview = await previewStatement(database, { tenant, period });
    if (!preview.ok) throw new Error(`${tenant} cannot be rated: ${preview.error.map(describeIssue).join('; ')}`);
    return toSpending(preview.value.statement, preview.value);
  };
