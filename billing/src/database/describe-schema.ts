import type { Database } from './open-database.ts';
import { queryRows } from './query-rows.ts';

interface Line {
  readonly line: string;
}

/**
 * The schema `billing` as text that two databases share exactly when they have the same tables, columns, constraints, indexes,
 * triggers, functions and views. Partitions are left out: which months exist depends on the day.
 */
export const describeSchema = async (database: Database): Promise<string> => {
  const parts = await Promise.all(
    [relations, constraints, indexes, triggers, functions, views].map(async (sql) => {
      const lines = await queryRows<Line>(database, sql);
      return lines.map(({ line }) => line).join('\n');
    }),
  );
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
};

/** Tables and views of ours; knex keeps its own books, which follow its version. */
const ours = `n.nspname = 'billing' and not c.relispartition and c.relname not in ('migration', 'migration_lock')`;

const relations = `
  select format(E'table %s%s\\n%s', c.relname,
      case when c.relkind = 'p' then ' partition by ' || pg_get_partkeydef(c.oid) else '' end,
      string_agg(format('  %s %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
        case when a.attnotnull then ' not null' else '' end,
        case when a.attidentity <> '' then ' identity'
             when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end),
        E'\\n' order by a.attnum)) || coalesce(E'\\n  with ' || array_to_string(c.reloptions, ', '), '') as line
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where ${ours} and c.relkind in ('r', 'p')
  group by c.oid, c.relname, c.relkind, c.reloptions order by c.relname`;

const constraints = `
  select format('constraint %s on %s: %s', k.conname, c.relname, pg_get_constraintdef(k.oid)) as line
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  where ${ours} and k.contype <> 'n' order by c.relname, k.conname`;

const indexes = `
  select pg_get_indexdef(i.indexrelid) as line
  from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
  where ${ours} order by c.relname, i.indexrelid::regclass::text`;

const triggers = `
  select pg_get_triggerdef(t.oid) as line
  from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
  where ${ours} and not t.tgisinternal order by c.relname, t.tgname`;

const functions = `
  select trim(pg_get_functiondef(p.oid)) as line
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname = 'billing' order by p.proname, pg_get_function_identity_arguments(p.oid)`;

const views = `
  select format(E'view %s as\\n%s', c.relname, pg_get_viewdef(c.oid)) as line
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where ${ours} and c.relkind = 'v' order by c.relname`;
