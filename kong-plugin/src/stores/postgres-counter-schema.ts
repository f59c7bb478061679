/** Of functions: a new meaning gets a new version beside the old one, so that nodes of both may run during an upgrade. */
const version = 'v1';

export interface CounterSchema {
  /** Asks whether everything is there; a role without the right to create can then run on what an administrator made. */
  readonly isPresent: string;
  readonly create: string;
  readonly take: string;
  readonly peek: string;
  readonly giveBack: string;
  readonly sweep: string;
}

const tableNames = ['counters', 'leases', 'takes', 'marker'] as const;

const demandColumns = 'd(place int, key text, kind text, cost bigint, quota bigint, shadow boolean, ends_at bigint)';

/** SQL of the counters in one schema. Times are milliseconds since the epoch, as the gateway passes them. */
export const counterSchema = (schema: string): CounterSchema => {
  if (!/^[a-z_][a-z0-9_]{0,40}$/.test(schema)) throw new Error(`${schema} is not a plain schema name`);
  const present = `to_regprocedure('${schema}.sweep_${version}(bigint)') is not null
    and num_nulls(${tableNames.map((table) => `to_regclass('${schema}.${table}')`).join(', ')}) = 0`;
  const parts = [tables(schema), standings(schema), take(schema), giveBack(schema), sweep(schema)];
  return {
    isPresent: `select ${present} as present`,
    create: inOneStep({ schema, present, statements: parts.join('\n') }),
    take: `select ${schema}.take_${version}($1, $2, $3, $4, $5) as answer`,
    peek: `select coalesce(jsonb_agg(jsonb_build_array(s.used, s.resets_at) order by s.place), '[]') as answer
      from ${schema}.standings_${version}($1, $2) s`,
    giveBack: `select ${schema}.give_back_${version}($1, $2, $3, $4)`,
    sweep: `select ${schema}.sweep_${version}($1) as removed`,
  };
};

interface Step {
  readonly schema: string;
  readonly present: string;
  readonly statements: string;
}

/**
 * Of nodes that start together one makes everything and the others find it made: even `create index if not exists` locks
 * its table against takes that already run.
 */
const inOneStep = ({ schema, present, statements }: Step): string => `
  select set_config('statement_timeout', '60000', true);
  do $migration$ begin
    perform pg_advisory_xact_lock(hashtextextended('${schema}', 20260815));
    if ${present} then return; end if;
    ${statements}
  end $migration$;`;

/**
 * Keys sort by bytes, whatever the database's collation: every take locks in the same order. Room in pages lets updates
 * stay in place. The tables are made in the order in which a take locks them.
 */
const tables = (schema: string): string => `
  create schema if not exists ${schema};
  create table if not exists ${schema}.marker (single boolean primary key default true check (single), id text not null);
  create table if not exists ${schema}.takes (
    id text collate "C" primary key, granted boolean not null default false, standings jsonb,
    returned text[] not null default '{}', ends_at bigint not null
  ) with (fillfactor = 70);
  create index if not exists takes_ends_at on ${schema}.takes (ends_at);
  create table if not exists ${schema}.counters (
    key text collate "C" primary key, used bigint not null, ends_at bigint not null
  ) with (fillfactor = 70);
  create index if not exists counters_ends_at on ${schema}.counters (ends_at);
  create table if not exists ${schema}.leases (
    key text collate "C", take_id text collate "C", cost bigint not null, ends_at bigint not null,
    primary key (key, take_id)
  );
  create index if not exists leases_ends_at on ${schema}.leases (ends_at);`;

/** The counters as they stand; what has ended counts nothing. */
const standings = (schema: string): string => `
  create or replace function ${schema}.standings_${version}(p_demands jsonb, p_now bigint)
  returns table (place int, cost bigint, quota bigint, shadow boolean, used bigint, resets_at bigint)
  language sql stable as $$
    select d.place, d.cost, d.quota, d.shadow,
      coalesce(case when d.kind = 'concurrent' then lease.used else counter.used end, 0)::bigint,
      coalesce(case when d.kind = 'concurrent' then lease.resets_at end, d.ends_at)
    from jsonb_to_recordset(p_demands) as ${demandColumns}
    left join ${schema}.counters counter on counter.key = d.key and counter.ends_at > p_now
    left join lateral (
      select sum(l.cost) as used, min(l.ends_at) as resets_at
      from ${schema}.leases l where l.key = d.key and l.ends_at > p_now
    ) lease on d.kind = 'concurrent'
  $$;`;

/**
 * The take's own row first, then the counters in the order of their keys: two transactions never wait for each other in a
 * circle. \`on conflict do update\` locks a row even where its condition changes nothing.
 */
const take = (schema: string): string => `
  create or replace function ${schema}.take_${version}(
    p_take text, p_demands jsonb, p_now bigint, p_granted_until bigint, p_refused_until bigint
  ) returns jsonb language plpgsql as $$
  declare
    v_marker text := (select id from ${schema}.marker);
    v_standings jsonb;
    v_granted boolean;
  begin
    if v_marker is null then
      insert into ${schema}.marker (id) values (gen_random_uuid()::text) on conflict do nothing;
      select id into v_marker from ${schema}.marker;
    end if;
    insert into ${schema}.takes as t (id, ends_at) values (p_take, p_refused_until)
    on conflict (id) do update set granted = false, standings = null, returned = '{}', ends_at = excluded.ends_at
      where t.ends_at <= p_now;
    if not found then
      select t.standings into v_standings from ${schema}.takes t where t.id = p_take;
      return jsonb_build_object('marker', v_marker, 'standings', v_standings);
    end if;

    insert into ${schema}.counters as c (key, used, ends_at)
    select d.key, 0, d.ends_at from jsonb_to_recordset(p_demands) as ${demandColumns} order by d.key collate "C"
    on conflict (key) do update set used = 0, ends_at = excluded.ends_at where c.ends_at <= p_now;

    select jsonb_agg(jsonb_build_array(s.used, s.resets_at) order by s.place),
      bool_and(s.shadow or s.used + s.cost <= s.quota)
    into v_standings, v_granted
    from ${schema}.standings_${version}(p_demands, p_now) s;

    if v_granted then
      update ${schema}.counters c
      set used = case when d.kind = 'concurrent' then c.used else c.used + d.cost end,
        ends_at = greatest(c.ends_at, d.ends_at)
      from jsonb_to_recordset(p_demands) as ${demandColumns} where c.key = d.key;

      insert into ${schema}.leases as l (key, take_id, cost, ends_at)
      select d.key, p_take, d.cost, d.ends_at from jsonb_to_recordset(p_demands) as ${demandColumns}
      where d.kind = 'concurrent'
      on conflict (key, take_id) do update set cost = excluded.cost, ends_at = excluded.ends_at;
    end if;

    update ${schema}.takes set granted = v_granted, standings = v_standings,
      ends_at = case when v_granted then p_granted_until else p_refused_until end
    where id = p_take;
    return jsonb_build_object('marker', v_marker, 'standings', v_standings);
  end $$;`;

const giveBack = (schema: string): string => `
  create or replace function ${schema}.give_back_${version}(
    p_take text, p_demands jsonb, p_now bigint, p_forget boolean
  ) returns void language plpgsql as $$
  declare
    v_returned text[];
    v_keys text[];
  begin
    select t.returned into v_returned from ${schema}.takes t
    where t.id = p_take and t.granted and t.ends_at > p_now for update;
    select array_agg(d.key order by d.key collate "C") into v_keys
    from jsonb_to_recordset(p_demands) as ${demandColumns}
    where d.kind <> 'concurrent' and not d.key = any (v_returned);

    perform 1 from ${schema}.counters c
    where c.key in (select d.key from jsonb_to_recordset(p_demands) as ${demandColumns})
    order by c.key for update;

    delete from ${schema}.leases l using jsonb_to_recordset(p_demands) as ${demandColumns}
    where l.key = d.key and l.take_id = p_take and d.kind = 'concurrent';

    update ${schema}.counters c set used = greatest(0, c.used - d.cost)
    from jsonb_to_recordset(p_demands) as ${demandColumns}
    where c.key = d.key and d.key = any (v_keys) and c.ends_at > p_now;

    update ${schema}.takes set returned = returned || v_keys where id = p_take and v_keys is not null;
    if p_forget then delete from ${schema}.takes where id = p_take; end if;
  end $$;`;

/** At most 1,000 rows of each table, and none that somebody holds: a take never waits for the sweep. */
const sweep = (schema: string): string => {
  const old = (table: string, columns: string): string => `
    delete from ${schema}.${table} where (${columns}) in (
      select ${columns} from ${schema}.${table} where ends_at < p_before limit 1000 for update skip locked
    );
    get diagnostics v_some = row_count;
    v_removed := v_removed + v_some;`;
  return `
  create or replace function ${schema}.sweep_${version}(p_before bigint) returns int language plpgsql as $$
  declare
    v_some int;
    v_removed int := 0;
  begin
    ${old('counters', 'key')}
    ${old('leases', 'key, take_id')}
    ${old('takes', 'id')}
    return v_removed;
  end $$;`;
};
