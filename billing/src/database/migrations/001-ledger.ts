import type { Migration } from './migration.ts';

/** Nodes, invocations, their daily sums, and what is kept to prove that none is missing. */
export const ledger: Migration = {
  name: '001-ledger',
  up: async (database) => {
    for (const sql of [functions, nodes, invocations, appendOnly, usage, positions, quarantine, retention])
      await database.raw(sql);
  },
};

/** Inlined into the check below; `uuid_extract_timestamp` reads version 7 only from PostgreSQL 18 on. */
const functions = `
  create function billing.uuid_milliseconds(id uuid) returns bigint
    language sql immutable strict parallel safe
    return ('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint;
  -- A column of a batch as one text: values end at U+001F, U+001E alone is null. No value holds either. An empty text is one
  -- empty value, where string_to_array would make it none.
  create function billing.split_column(joined text) returns text[]
    language sql immutable strict parallel safe
    return case when joined = '' then array[''] else string_to_array(joined, U&'\\001F', U&'\\001E') end`;

/** Credentials are kept as SHA-256: what the table holds opens nothing. */
const nodes = `
  create table billing.node (
    node_id text primary key,
    credential_sha256 bytea not null unique check (length(credential_sha256) = 32),
    created_at timestamptz(3) not null default now(),
    revoked_at timestamptz(3),
    last_seen_at timestamptz(3),
    last_event_at timestamptz(3),
    -- The node's clock minus ours; null until the node says its time or sends an event from the future.
    skew_ms bigint
  )`;

/**
 * The unique key must hold the partition's key; the check makes the pair unique exactly when the id is, for ever. `record` is
 * json: it keeps the text byte for byte, so that its digest can be verified, and costs 17 microseconds less than jsonb.
 */
const invocations = `
  create table billing.invocation (
    id uuid not null,
    occurred_at timestamptz(3) not null,
    recorded_at timestamptz(3) not null,
    late boolean not null,
    tenant text not null,
    application text not null,
    user_id text,
    consumer text,
    team text,
    server text not null,
    tool text,
    kind text not null,
    method text not null,
    decision text not null,
    outcome text not null,
    reason text,
    rule text,
    policy text,
    policy_revision text,
    plan text,
    status integer not null,
    upstream_status integer,
    latency_ms integer not null,
    upstream_ms integer,
    request_bytes bigint not null,
    response_bytes bigint not null,
    arguments_sha256 bytea,
    trace_id text,
    node_id text not null,
    node_epoch text not null,
    node_sequence bigint not null,
    content_sha256 bytea not null,
    record json not null,
    primary key (occurred_at, id),
    constraint invocation_id_is_of_its_time
      check (billing.uuid_milliseconds(id) = (date_part('epoch', occurred_at) * 1000)::bigint)
  ) partition by range (occurred_at);
  create index invocation_tenant_time on billing.invocation (tenant, occurred_at);
  create index invocation_tool_time on billing.invocation (server, tool, occurred_at);
  create index invocation_arguments on billing.invocation using hash (arguments_sha256);
  create index invocation_recorded on billing.invocation using brin (recorded_at) with (pages_per_range = 32)`;

/** History is corrected by new rows. Dropping a partition whole is retention, and no trigger sees it. */
const appendOnly = `
  create function billing.refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception 'billing.% is append-only: correct it by a new row', tg_table_name using errcode = 'restrict_violation';
    end $$;
  create trigger invocation_is_append_only before update or delete on billing.invocation
    for each row execute function billing.refuse_change()`;

/** The tenant comes first: pages and statements ask for one tenant's month. Room in the pages keeps an update in its page. */
const usage = `
  create table billing.usage_day (
    tenant text not null,
    day date not null,
    server text not null,
    tool text not null,
    kind text not null,
    application text not null,
    outcome text not null,
    n bigint not null,
    latency_ms_sum bigint not null,
    latency_ms_max integer not null,
    request_bytes bigint not null,
    response_bytes bigint not null,
    updated_at timestamptz(3) not null,
    primary key (tenant, day, server, tool, kind, application, outcome)
  ) with (fillfactor = 70)`;

const positions = `
  create table billing.node_epoch (
    node_id text not null,
    epoch text not null,
    contiguous_sequence bigint not null,
    max_sequence bigint not null,
    first_seen timestamptz(3) not null,
    last_seen timestamptz(3) not null,
    primary key (node_id, epoch)
  ) with (fillfactor = 70);
  create table billing.node_gap (
    id bigint generated always as identity primary key,
    node_id text not null,
    epoch text not null,
    from_sequence bigint not null,
    to_sequence bigint not null,
    opened_at timestamptz(3) not null,
    closed_at timestamptz(3),
    foreign key (node_id, epoch) references billing.node_epoch,
    check (from_sequence <= to_sequence)
  );
  create unique index node_gap_open on billing.node_gap (node_id, epoch, from_sequence) where closed_at is null`;

/** The digest makes a batch that is sent again leave no second row. */
const quarantine = `
  create table billing.quarantine (
    id bigint generated always as identity primary key,
    event_id text not null,
    node_id text not null,
    reason text not null,
    detail text not null,
    raw text not null,
    digest bytea not null unique,
    first_seen timestamptz(3) not null,
    resolved_at timestamptz(3),
    resolution text
  );
  create index quarantine_open on billing.quarantine (id) where resolved_at is null`;

/** Its one row says from when on single invocations are kept: what is older was dropped, ids included. */
const retention = `
  create table billing.retention (
    only_row boolean primary key default true check (only_row),
    kept_from timestamptz(3)
  );
  insert into billing.retention default values`;
