import { tenants } from './000-tenants.ts';
import type { Migration } from './migration.ts';

/** Every migration in the order of its number: ledger 0xx, price book and statements 1xx, Stripe 2xx, finance 3xx. */
export const migrations: readonly Migration[] = [tenants];
