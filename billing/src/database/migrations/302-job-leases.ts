import type { Migration } from './migration.ts';

export const jobLeases: Migration = {
  name: '302-job-leases',
  up: async (database) => {
    await database.schema.withSchema('billing').createTable('job_lease', (table) => {
      table.text('name').primary();
      table.text('owner').notNullable();
      // Grows with every owner: what an owner writes is refused once there is a later one.
      table.bigInteger('fence').notNullable();
      table.specificType('expires_at', 'timestamptz(3)').notNullable();
      table.specificType('next_run_at', 'timestamptz(3)').notNullable();
      table.specificType('started_at', 'timestamptz(3)');
      table.specificType('finished_at', 'timestamptz(3)');
      table.text('last_error');
      table.bigInteger('failures').notNullable().defaultTo(0);
    });
  },
};
