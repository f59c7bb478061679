import type { Migration } from './migration.ts';

/** How far each statement has come at the provider, why an invoice is held, and credit notes. */
export const stripeInvoices: Migration = {
  name: '202-stripe-invoices',
  up: async (database) => {
    await database.raw(`
      create table billing.stripe_invoice (
        environment text not null,
        statement_id text not null,
        tenant text not null,
        line_mode text not null check (line_mode in ('meters', 'lines')),
        invoice_id text,
        state text not null check (state in ('creating', 'created', 'held', 'verified', 'finalized', 'paid', 'void')),
        held_because text,
        differences jsonb,
        status text,
        subtotal_minor bigint,
        amount_due_minor bigint,
        amount_paid_minor bigint,
        begun_at timestamptz(3) not null,
        updated_at timestamptz(3) not null,
        finalized_at timestamptz(3),
        primary key (environment, statement_id),
        unique (environment, invoice_id)
      );
      create table billing.stripe_credit_note (
        environment text not null,
        adjustment_id text not null,
        invoice_id text not null,
        credit_note_id text,
        amount_minor bigint not null,
        begun_at timestamptz(3) not null,
        primary key (environment, adjustment_id)
      );
      create table billing.stripe_hold (
        id bigint generated always as identity primary key,
        environment text not null,
        meter_id text,
        reason text not null,
        detail text not null,
        event_id text not null,
        opened_at timestamptz(3) not null,
        cleared_at timestamptz(3),
        unique (environment, event_id)
      );
      create index stripe_hold_open on billing.stripe_hold (environment) where cleared_at is null`);
  },
};
