import { tenants } from './000-tenants.ts';
import { ledger } from './001-ledger.ts';
import { audit } from './002-audit.ts';
import { priceBook } from './100-price-book.ts';
import { statements } from './110-statements.ts';
import { stripeCatalog } from './200-stripe-catalog.ts';
import { meterDays } from './201-meter-days.ts';
import { stripeInvoices } from './202-stripe-invoices.ts';
import { stripeInbox } from './203-stripe-inbox.ts';
import { reconciliation } from './204-reconciliation.ts';
import { apiTokens } from './300-api-tokens.ts';
import { budgets } from './301-budgets.ts';
import { jobLeases } from './302-job-leases.ts';
import type { Migration } from './migration.ts';

/** Every migration in the order of its number: ledger 0xx, price book and statements 1xx, Stripe 2xx, finance 3xx. */
export const migrations: readonly Migration[] = [
  tenants,
  ledger,
  audit,
  priceBook,
  statements,
  stripeCatalog,
  meterDays,
  stripeInvoices,
  stripeInbox,
  reconciliation,
  apiTokens,
  budgets,
  jobLeases,
];
