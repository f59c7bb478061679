import type { Api } from '../create-api.ts';
import { registerAccrual } from './accrual.ts';
import { registerAudit } from './audit.ts';
import { registerBudgets } from './budgets.ts';
import { registerEvidence } from './evidence.ts';
import { registerHealth } from './health.ts';
import { registerNodes } from './nodes.ts';
import { registerPolicy } from './policy.ts';
import { registerPrices } from './prices.ts';
import { registerReconciliation } from './reconciliation.ts';
import { registerStatements } from './statements.ts';
import { registerUsage } from './usage.ts';

/** Every route, in the order of the OpenAPI document. */
export const registerRoutes = (app: Api): void => {
  registerUsage(app);
  registerAccrual(app);
  registerStatements(app);
  registerEvidence(app);
  registerPrices(app);
  registerBudgets(app);
  registerPolicy(app);
  registerAudit(app);
  registerReconciliation(app);
  registerNodes(app);
  registerHealth(app);
};
