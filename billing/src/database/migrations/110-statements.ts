import type { Migration } from './migration.ts';

/** Rated months, what corrects them, and the hashes that tie each line to its invocations. */
export const statements: Migration = {
  name: '110-statements',
  up: async (database) => {
    for (const sql of [statement, lines, adjustments, evidence, sealed, sealedParts, adjustmentsKept])
      await database.raw(sql);
  },
};

/**
 * `document` is the canonical text that the seal covers; the tables below say the same in columns. `usage_as_of` and
 * `usage_links` (day: links of the audit chain) say which invocations were there. `minimum_minor`: the tenant's minimum at the time, for rating again. `blockers`: what was
 * overridden, or what a draft waits for.
 */
const statement = `
  create table billing.statement (
    id text primary key,
    tenant text not null,
    period_start date not null,
    period_end date not null,
    revision integer not null check (revision >= 1),
    currency char(3) not null,
    subtotal_minor bigint not null,
    state text not null check (state in ('draft', 'sealed', 'pushed', 'verified', 'finalized', 'paid', 'void')),
    document text not null,
    minimum_minor bigint,
    usage_as_of timestamptz(3) not null,
    usage_links jsonb not null,
    blockers jsonb not null default '[]',
    forced_reason text,
    forced_by text,
    seal_sha256 text,
    sealed_at timestamptz(3),
    created_at timestamptz(3) not null,
    void_reason text,
    voided_by text,
    voided_at timestamptz(3),
    stripe_invoice_id text,
    unique (tenant, period_start, revision),
    check (period_start < period_end),
    check ((state = 'draft') = (seal_sha256 is null)),
    check ((seal_sha256 is null) = (sealed_at is null)),
    check ((forced_reason is null) = (forced_by is null))
  );
  create index statement_period on billing.statement (period_start, tenant)`;

const lines = `
  create table billing.statement_line (
    statement_id text not null references billing.statement on delete cascade,
    line_no integer not null,
    kind text not null check (kind in ('usage', 'free', 'minimum', 'adjustment')),
    server text,
    tool text,
    price_version_id text references billing.price_version,
    adjustment_id text,
    description text not null,
    quantity bigint not null,
    free_quantity bigint not null,
    unit_amount text,
    amount_minor bigint not null,
    first_day date not null,
    last_day date not null,
    outcomes jsonb not null,
    evidence_sha256 text,
    stripe_line_id text,
    primary key (statement_id, line_no)
  );
  create table billing.statement_allocation (
    statement_id text not null,
    line_no integer not null,
    team text not null,
    cost_center text not null,
    amount_minor bigint not null,
    quantity bigint not null,
    primary key (statement_id, line_no, team, cost_center),
    foreign key (statement_id, line_no) references billing.statement_line on delete cascade
  );
  create index statement_allocation_team on billing.statement_allocation (team, cost_center)`;

/** Of a cancelled adjustment nothing was or will be billed. */
const adjustments = `
  create table billing.adjustment (
    id text primary key,
    idempotency_key text not null unique,
    tenant text not null,
    server text,
    tool text,
    day date not null,
    quantity_delta bigint not null,
    amount_minor bigint not null,
    currency char(3) not null,
    reason text not null,
    actor text not null,
    source text not null check (source in ('manual', 'late', 'credit')),
    settlement text not null check (settlement in ('next_statement', 'credit_note')),
    source_statement_id text references billing.statement,
    source_line_no integer,
    created_at timestamptz(3) not null,
    applied_statement_id text references billing.statement,
    stripe_credit_note_id text,
    cancelled_at timestamptz(3),
    check ((server is null) = (tool is null)),
    check (settlement = 'next_statement' or source_statement_id is not null)
  );
  create index adjustment_pending on billing.adjustment (tenant)
    where applied_statement_id is null and cancelled_at is null;
  create index adjustment_source on billing.adjustment (source_statement_id)`;

/**
 * Hashes of the invocations of a day, made once when the day is over, and those of a line as they were when it was sealed:
 * [day, outcome, count, sha256] in json.
 */
const evidence = `
  create table billing.usage_evidence (
    day date not null,
    tenant text not null,
    server text not null,
    tool text not null,
    outcome text not null,
    n bigint not null,
    sha256 bytea not null check (length(sha256) = 32),
    computed_at timestamptz(3) not null,
    primary key (tenant, day, server, tool, outcome)
  );
  create table billing.statement_evidence (
    statement_id text not null,
    line_no integer not null,
    buckets json not null,
    primary key (statement_id, line_no),
    foreign key (statement_id, line_no) references billing.statement_line on delete cascade
  );
  -- Hashes do not compress; trying costs a month close a second.
  alter table billing.statement_evidence alter column buckets set storage external`;

/** After sealing a statement's state moves on and it gets its invoice; nothing else. */
const sealed = `
  create function billing.refuse_statement_change() returns trigger language plpgsql as $$
    declare
      free constant text[] := array['state', 'stripe_invoice_id', 'void_reason', 'voided_by', 'voided_at'];
    begin
      if tg_op = 'DELETE' then
        if old.state = 'draft' then return old; end if;
      elsif old.state = 'draft' then
        return new;
      elsif new.state <> 'draft' and (old.state <> 'void' or new.state = 'void')
            and to_jsonb(new) - free = to_jsonb(old) - free then
        return new;
      end if;
      raise exception 'statement % is sealed and never changed: correct it by an adjustment', old.id
        using errcode = 'restrict_violation';
    end $$;
  create trigger statement_is_sealed before update or delete on billing.statement
    for each row execute function billing.refuse_statement_change()`;

/** Once for all rows of a command: a month close inserts some ten thousand. Deleting a draft takes its parts along. */
const sealedParts = `
  create function billing.refuse_part_insert() returns trigger language plpgsql as $$
    begin
      if exists (select from inserted join billing.statement s on s.id = inserted.statement_id where s.state <> 'draft') then
        raise exception 'a sealed statement gets no more rows in billing.%', tg_table_name using errcode = 'restrict_violation';
      end if;
      return null;
    end $$;
  create function billing.refuse_part_change() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' and to_jsonb(new) - 'stripe_line_id' = to_jsonb(old) - 'stripe_line_id' then return new; end if;
      if not exists (select from billing.statement s where s.id = old.statement_id and s.state <> 'draft') then
        return case tg_op when 'DELETE' then old else new end;
      end if;
      raise exception 'billing.% of sealed statement % is never changed', tg_table_name, old.statement_id
        using errcode = 'restrict_violation';
    end $$;
  create function billing.refuse_truncate() returns trigger language plpgsql as $$
    begin
      raise exception 'billing.% is never emptied', tg_table_name using errcode = 'restrict_violation';
    end $$;
  ${['statement_line', 'statement_allocation', 'statement_evidence']
    .map(
      (table) => `
  create trigger ${table}_is_complete after insert on billing.${table}
    referencing new table as inserted for each statement execute function billing.refuse_part_insert();
  create trigger ${table}_is_sealed before update or delete on billing.${table}
    for each row execute function billing.refuse_part_change();`,
    )
    .join('')}
  ${['statement', 'statement_line', 'statement_allocation', 'statement_evidence', 'adjustment']
    .map(
      (table) => `
  create trigger ${table}_is_kept before truncate on billing.${table}
    for each statement execute function billing.refuse_truncate();`,
    )
    .join('')}`;

/** An adjustment says for ever why and how much; where it was applied comes later. */
const adjustmentsKept = `
  create function billing.refuse_adjustment_change() returns trigger language plpgsql as $$
    declare
      free constant text[] := array['applied_statement_id', 'stripe_credit_note_id', 'cancelled_at'];
    begin
      if tg_op = 'UPDATE' and to_jsonb(new) - free = to_jsonb(old) - free then return new; end if;
      raise exception 'adjustment % is never changed: make another one', old.id using errcode = 'restrict_violation';
    end $$;
  create trigger adjustment_is_kept_as_it_is before update or delete on billing.adjustment
    for each row execute function billing.refuse_adjustment_change()`;
