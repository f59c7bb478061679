import type { Command } from '../command.ts';
import { budgetDelete, budgetList, budgetPolicy, budgetSet } from './budget.ts';
import { migrateCommand } from './migrate.ts';
import { pricesImport, pricesList } from './prices.ts';
import { serve, worker } from './serve.ts';
import { tenantAdd, tenantList } from './tenant.ts';
import { tokenAdd, tokenList, tokenRevoke } from './token.ts';

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [
  migrateCommand,
  serve,
  worker,
  tenantAdd,
  tenantList,
  pricesImport,
  pricesList,
  budgetSet,
  budgetList,
  budgetDelete,
  budgetPolicy,
  tokenAdd,
  tokenList,
  tokenRevoke,
];
