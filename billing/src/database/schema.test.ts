import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeSchema } from './describe-schema.ts';
import { migrate, pendingMigrations } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import { openDatabase } from './open-database.ts';
import { queryRows } from './query-rows.ts';
import { createUnmigratedDatabase, hasPostgres, type TestDatabase } from './testing/test-database.ts';

const names = migrations.map(({ name }) => name);

describe('the registry of migrations', () => {
  it('is sorted by number and names each once', () => {
    expect(names).toEqual([...new Set(names)].sort());
    expect(names.filter((name) => !/^\d{3}-[a-z0-9-]+$/.test(name))).toEqual([]);
  });
});

describe.skipIf(!hasPostgres)('the schema', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createUnmigratedDatabase();
  });
  afterAll(() => test.close());

  it('of an empty database is made by every migration once, also when four processes start together', async () => {
    expect(await pendingMigrations(test.database)).toEqual(names);
    const others = [1, 2, 3].map(() => openDatabase(test.url));
    const ran = await Promise.all([test.database, ...others].map((database) => migrate(database)));
    expect(ran.flat()).toEqual(names);
    expect(await pendingMigrations(test.database)).toEqual([]);
    await Promise.all(others.map((database) => database.destroy()));
  });

  it('is the one in schema.sql (vitest -u writes it anew)', async () => {
    await expect(await describeSchema(test.database)).toMatchFileSnapshot('schema.sql');
  });

  it('takes a migration that another package adds with a lower number', async () => {
    const added: Migration = {
      name: '000-added-later',
      up: async (database) => {
        await database.raw('create table billing.added_later (id text primary key)');
      },
    };
    expect(await migrate(test.database, [added, ...migrations])).toEqual(['000-added-later']);
  });

  it('starts again after a process died while it migrated', async () => {
    await test.database('billing.migration_lock').update({ is_locked: 1 });
    const added: Migration = { name: '000-added-later', up: () => Promise.resolve() };
    expect(await migrate(test.database, [added, ...migrations])).toEqual([]);
  });

  it('is left as it was by a migration that fails', async () => {
    const broken: Migration = {
      name: '999-broken',
      up: async (database) => {
        await database.raw('create table billing.half (id text)');
        await database.raw('select no_such_column');
      },
    };
    const added: Migration = { name: '000-added-later', up: () => Promise.resolve() };
    await expect(migrate(test.database, [added, ...migrations, broken])).rejects.toThrow('no_such_column');
    expect(await queryRows(test.database, `select to_regclass('billing.half') as half`)).toEqual([{ half: null }]);
  });

  it('reads a day as text, a count as bigint and works in UTC', async () => {
    const rows = await queryRows(
      test.database,
      `select date '2026-03-01' as day, 9007199254740993::bigint as count, current_setting('timezone') as zone,
        current_schema() as schema, timestamptz '2026-03-01T00:00:00.123Z' as moment`,
    );
    const moment = new Date('2026-03-01T00:00:00.123Z');
    expect(rows).toEqual([{ day: '2026-03-01', count: 9007199254740993n, zone: 'UTC', schema: 'billing', moment }]);
  });
});
