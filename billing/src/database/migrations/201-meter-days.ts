import type { Migration } from './migration.ts';

/**
 * The outbox of daily totals: what a tool's meter should hold for a tenant and a UTC day, what the provider has taken, and
 * the attempt that is undecided. Conditional writes name the attempt, so that a process that slept cannot undo another's.
 */
export const meterDays: Migration = {
  name: '201-meter-days',
  up: async (database) => {
    await database.raw(`
      create table billing.meter_day (
        environment text not null,
        tenant text not null,
        server text not null,
        tool text not null,
        day date not null,
        desired_quantity bigint not null check (desired_quantity >= 0),
        acked_quantity bigint not null default 0,
        acked_at timestamptz(3),
        revision integer not null default 0,
        inflight_id text,
        inflight_value bigint,
        inflight_since timestamptz(3),
        attempts integer not null default 0,
        next_attempt_at timestamptz(3) not null,
        claimed_until timestamptz(3),
        state text not null default 'open' check (state in ('open', 'rejected', 'too_late')),
        last_error text,
        resends integer not null default 0,
        primary key (environment, tenant, server, tool, day),
        check ((inflight_id is null) = (inflight_value is null))
      );
      create index meter_day_due on billing.meter_day (environment, next_attempt_at)
        where state = 'open' and (desired_quantity <> acked_quantity or inflight_id is not null);
      create index meter_day_claimed on billing.meter_day (environment, tenant, server, tool)
        where claimed_until is not null`);
  },
};
