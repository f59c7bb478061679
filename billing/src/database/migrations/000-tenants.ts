import type { Migration } from './migration.ts';

export const tenants: Migration = {
  name: '000-tenants',
  up: async (database) => {
    await database.schema.withSchema('billing').createTable('tenant', (table) => {
      table.text('id').primary();
      table.text('name').notNullable();
      table.specificType('currency', 'char(3)').notNullable();
      table.text('stripe_customer_id').unique();
      table.text('line_mode').notNullable().defaultTo('auto').checkIn(['auto', 'meters', 'lines']);
      table.bigInteger('minimum_minor');
      table.text('status').notNullable().defaultTo('active').checkIn(['active', 'closed']);
      table.specificType('created_at', 'timestamptz(3)').notNullable().defaultTo(database.fn.now());
    });
  },
};
