import type { Api } from '../create-api.ts';
import { registerAccrual } from './accrual.ts';
import { registerBudgets } from './budgets.ts';
import { registerHealth } from './health.ts';
import { registerNodes } from './nodes.ts';
import { registerPolicy } from './policy.ts';
import { registerPrices } from './prices.ts';
import { registerStatements } from './statements.ts';

/** Every route, in the order of the OpenAPI document. */
export const registerRoutes = (app: Api): void => {
  registerAccrual(app);
  registerStatements(app);
  registerPrices(app);
  registerBudgets(app);
  registerPolicy(app);
  registerNodes(app);
  registerHealth(app);
};
