import type { ApiEvent } from '../http/api-env.ts';
import type { ProviderContext } from '../stripe/provider-context.ts';
import type { Job } from '../worker/job.ts';
import { budgetsJob } from '../worker/jobs/budgets-job.ts';
import { auditChainJob, evidenceJob, partitionsJob } from '../worker/jobs/ledger-jobs.ts';
import { stripeJobs } from '../worker/jobs/stripe-jobs.ts';
import type { BillingSettings } from './billing-settings.ts';

/** Every job of this installation. */
export const createJobs = ({
  provider,
  log,
  budgetWebhook,
}: Pick<BillingSettings, 'budgetWebhook'> & {
  readonly provider: ProviderContext | undefined;
  readonly log: (event: ApiEvent) => void;
}): readonly Job[] => [
  partitionsJob,
  auditChainJob,
  evidenceJob,
  budgetsJob({
    random: Math.random,
    log: ({ text, budget, tenant, threshold }) =>
      log({ level: 'warn', message: text, budget, tenant, threshold: threshold }),
    ...(budgetWebhook === undefined ? {} : { webhook: budgetWebhook }),
  }),
  ...(provider === undefined ? [] : stripeJobs({ context: provider })),
];
