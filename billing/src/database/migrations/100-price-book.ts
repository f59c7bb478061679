import type { Migration } from './migration.ts';

/** What tools cost and who inside a tenant bears it. Prices are only added: a trigger refuses every other change. */
export const priceBook: Migration = {
  name: '100-price-book',
  up: async (database) => {
    for (const sql of [prices, pools, immutable, allocationRules]) await database.raw(sql);
  },
};

/** `model` as people wrote it: amounts are texts in major units. The ids that Stripe gives may be added later. */
const prices = `
  create table billing.price_version (
    id text primary key,
    server text not null,
    tool text not null,
    tenant text,
    currency char(3) not null,
    model jsonb not null,
    free_units bigint check (free_units >= 0),
    pool text,
    minimum_minor bigint check (minimum_minor >= 0),
    billable_outcomes text[] not null default '{ok}',
    effective_from date not null,
    effective_to date check (effective_to > effective_from),
    display_name text,
    note text,
    created_at timestamptz(3) not null default now(),
    created_by text not null,
    stripe_product_id text,
    stripe_price_id text
  );
  create unique index price_version_scope
    on billing.price_version (coalesce(tenant, ''), server, tool, currency, effective_from)`;

const pools = `
  create table billing.free_pool (
    id text not null,
    tenant text,
    units bigint not null check (units >= 0),
    effective_from date not null,
    created_at timestamptz(3) not null default now(),
    created_by text not null
  );
  create unique index free_pool_scope on billing.free_pool (id, coalesce(tenant, ''), effective_from)`;

/** Compares whole rows, so that a column that is added later is priced until somebody says that it is not. */
const immutable = `
  create function billing.refuse_price_change() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' and
         to_jsonb(new) - array['stripe_product_id', 'stripe_price_id'] =
         to_jsonb(old) - array['stripe_product_id', 'stripe_price_id'] then
        return new;
      end if;
      raise exception 'billing.% is never changed: add a version with a later effective_from', tg_table_name
        using errcode = 'restrict_violation';
    end $$;
  create trigger price_version_is_immutable before update or delete on billing.price_version
    for each row execute function billing.refuse_price_change();
  create trigger price_version_is_kept before truncate on billing.price_version
    for each statement execute function billing.refuse_price_change();
  create trigger free_pool_is_immutable before update or delete on billing.free_pool
    for each row execute function billing.refuse_price_change();
  create trigger free_pool_is_kept before truncate on billing.free_pool
    for each statement execute function billing.refuse_price_change()`;

const allocationRules = `
  create table billing.allocation_rule (
    id text primary key,
    tenant text not null,
    match_application text,
    match_server text,
    match_tool text check (match_tool is null or match_server is not null),
    team text not null,
    cost_center text not null,
    weight_bp integer not null check (weight_bp between 1 and 10000),
    effective_from date not null,
    effective_to date check (effective_to > effective_from),
    created_at timestamptz(3) not null default now(),
    created_by text not null
  );
  create index allocation_rule_tenant on billing.allocation_rule (tenant)`;
