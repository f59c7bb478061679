import type { Migration } from './migration.ts';

/** What each reconciliation compared and where it found a difference. Kept: a difference that went away had a cause too. */
export const reconciliation: Migration = {
  name: '204-reconciliation',
  up: async (database) => {
    await database.raw(`
      create table billing.reconciliation_run (
        id text primary key,
        environment text not null,
        tenant text,
        first_day date not null,
        end_day date not null,
        started_at timestamptz(3) not null,
        finished_at timestamptz(3) not null,
        compared integer not null,
        pending integer not null,
        wrong integer not null
      );
      create index reconciliation_run_started on billing.reconciliation_run (environment, started_at);
      create table billing.reconciliation_item (
        run_id text not null references billing.reconciliation_run (id) on delete cascade,
        item_no integer not null,
        hop text not null,
        cause text not null,
        subject text not null,
        tenant text,
        server text,
        tool text,
        day date,
        expected bigint not null,
        found bigint not null,
        is_pending boolean not null,
        primary key (run_id, item_no)
      )`);
  },
};
