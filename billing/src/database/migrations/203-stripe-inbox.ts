import type { Migration } from './migration.ts';

/** Webhooks as they came, each once. They are answered when they are here, and dealt with afterwards. */
export const stripeInbox: Migration = {
  name: '203-stripe-inbox',
  up: async (database) => {
    await database.raw(`
      create table billing.stripe_inbox (
        environment text not null,
        event_id text not null,
        type text not null,
        object_id text,
        created_at timestamptz(3) not null,
        received_at timestamptz(3) not null,
        payload jsonb not null,
        attempts integer not null default 0,
        next_attempt_at timestamptz(3) not null,
        processed_at timestamptz(3),
        outcome text,
        error text,
        primary key (environment, event_id)
      );
      create index stripe_inbox_waiting on billing.stripe_inbox (environment, next_attempt_at)
        where processed_at is null`);
  },
};
