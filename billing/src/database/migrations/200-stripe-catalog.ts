import type { Migration } from './migration.ts';

/** What the provider calls our things. An environment (`test`, `shadow`, `live`) is a world of its own. */
export const stripeCatalog: Migration = {
  name: '200-stripe-catalog',
  up: async (database) => {
    await database.raw(`
      create table billing.stripe_object (
        environment text not null,
        kind text not null check (kind in ('customer', 'product', 'price')),
        local_id text not null,
        stripe_id text not null,
        is_active boolean not null default true,
        recorded_at timestamptz(3) not null,
        primary key (environment, kind, local_id),
        unique (environment, kind, stripe_id)
      );
      create table billing.stripe_meter (
        environment text not null,
        server text not null,
        tool text not null,
        meter_id text not null,
        event_name text not null,
        is_active boolean not null default true,
        recorded_at timestamptz(3) not null,
        primary key (environment, server, tool),
        unique (environment, meter_id),
        unique (environment, event_name)
      );
      create table billing.stripe_subscription (
        environment text not null,
        subscription_id text not null,
        tenant text not null,
        -- Months that are wholly on it, YYYY-MM; the last is null while it goes on.
        first_month char(7) not null,
        last_month char(7),
        recorded_at timestamptz(3) not null,
        primary key (environment, subscription_id)
      );
      create unique index stripe_subscription_open on billing.stripe_subscription (environment, tenant)
        where last_month is null;
      create table billing.stripe_setting (
        environment text not null,
        name text not null,
        value text not null,
        updated_at timestamptz(3) not null,
        primary key (environment, name)
      )`);
  },
};
