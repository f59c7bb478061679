import type { Migration } from './migration.ts';

/** The hash chain over all invocations: a link for each batch, a head for each UTC day of `recordedAt`, a seal over days. */
export const audit: Migration = {
  name: '002-audit',
  up: async (database) => {
    await database.raw(`
      create table billing.audit_day (
        day date primary key,
        links bigint not null,
        entries bigint not null,
        head_sha256 bytea not null,
        sealed_at timestamptz(3),
        seal_sha256 bytea,
        verified_at timestamptz(3)
      ) with (fillfactor = 70);
      create table billing.audit_link (
        day date not null references billing.audit_day,
        link bigint not null,
        recorded_at timestamptz(3) not null,
        events integer not null,
        -- For each event: 16 bytes of its id, 32 bytes of the chain up to it.
        entries bytea not null check (length(entries) = events * 48),
        primary key (day, link)
      )`);
  },
};
