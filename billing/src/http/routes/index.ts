import type { Api } from '../create-api.ts';
import { registerBudgets } from './budgets.ts';
import { registerHealth } from './health.ts';
import { registerNodes } from './nodes.ts';
import { registerPolicy } from './policy.ts';

/** Every route, in the order of the OpenAPI document. */
export const registerRoutes = (app: Api): void => {
  registerBudgets(app);
  registerPolicy(app);
  registerNodes(app);
  registerHealth(app);
};
