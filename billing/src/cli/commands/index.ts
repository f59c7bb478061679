import type { Command } from '../command.ts';
import { auditExport, auditSearch, auditVerify } from './audit.ts';
import { backfill } from './backfill.ts';
import { budgetDelete, budgetList, budgetPolicy, budgetSet } from './budget.ts';
import { close } from './close.ts';
import { credit } from './credit.ts';
import { doctor } from './doctor.ts';
import { exportCommand } from './export.ts';
import { migrateCommand } from './migrate.ts';
import { nodeAdd, nodeList, nodeRevoke } from './node.ts';
import { pricesImport, pricesList } from './prices.ts';
import { replay } from './replay.ts';
import { serve, worker } from './serve.ts';
import { explain, preview, statement } from './statement.ts';
import { catalogApply, catalogPlan, reconcile } from './stripe.ts';
import { tenantAdd, tenantList } from './tenant.ts';
import { tokenAdd, tokenList, tokenRevoke } from './token.ts';

/** All commands, in the order of the help: running it, what is sold, a month's end, looking into it. */
export const commands: readonly Command[] = [
  ...[migrateCommand, serve, worker, doctor],
  ...[tenantAdd, tenantList, pricesImport, pricesList],
  ...[nodeAdd, nodeList, nodeRevoke, backfill, replay],
  ...[budgetSet, budgetList, budgetDelete, budgetPolicy],
  ...[preview, close, statement, explain, credit, exportCommand],
  ...[catalogPlan, catalogApply, reconcile],
  ...[auditVerify, auditSearch, auditExport],
  ...[tokenAdd, tokenList, tokenRevoke],
];
