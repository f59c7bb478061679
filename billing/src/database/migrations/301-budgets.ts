import type { Knex } from 'knex';
import type { Migration } from './migration.ts';

export const budgets: Migration = {
  name: '301-budgets',
  up: async (database) => {
    await createBudgets(database);
    await createStates(database);
    await createNotices(database);
  },
};

const createBudgets = (database: Knex): Knex.SchemaBuilder =>
  database.schema.withSchema('billing').createTable('budget', (table) => {
    table.text('id').primary();
    table.text('tenant').notNullable().references('id').inTable('billing.tenant');
    table.text('scope').notNullable().checkIn(['tenant', 'team', 'application', 'tool']);
    table.text('team');
    table.text('application');
    table.text('server');
    table.text('tool');
    table.text('limit_kind').notNullable().checkIn(['amount', 'quantity']);
    // Minor units of `currency`, or invocations.
    table.bigInteger('limit_value').notNullable();
    table.specificType('currency', 'char(3)');
    table.text('enforcement').notNullable().checkIn(['enabled', 'warn_only', 'disabled']);
    table.specificType('updated_at', 'timestamptz(3)').notNullable().defaultTo(database.fn.now());
    table.text('updated_by').notNullable();
    table.index(['tenant']);
    table.check('limit_value >= 0', [], 'budget_limit_value');
    table.check(`(limit_kind = 'amount') = (currency is not null)`, [], 'budget_currency');
    table.check(
      `(scope = 'team') = (team is not null) and (scope = 'application') = (application is not null)
       and (scope = 'tool') = (server is not null) and (scope = 'tool') = (tool is not null)`,
      [],
      'budget_scope_names',
    );
  });

/** How a budget stood when it was last compared, so that pages and gateways need not rate a month to know. */
const createStates = (database: Knex): Knex.SchemaBuilder =>
  database.schema.withSchema('billing').createTable('budget_state', (table) => {
    table.text('budget_id').primary().references('id').inTable('billing.budget').onDelete('CASCADE');
    table.date('period_start').notNullable();
    table.bigInteger('spent').notNullable();
    table.boolean('is_exhausted').notNullable();
    table.specificType('evaluated_at', 'timestamptz(3)').notNullable();
  });

/** That a threshold was reached, and the notice of it, are one row: neither is there without the other. */
const createNotices = async (database: Knex): Promise<void> => {
  await database.schema.withSchema('billing').createTable('budget_notice', (table) => {
    table.text('budget_id').notNullable().references('id').inTable('billing.budget').onDelete('CASCADE');
    table.date('period_start').notNullable();
    // A raised limit is reached anew.
    table.bigInteger('limit_value').notNullable();
    table.smallint('threshold').notNullable();
    table.bigInteger('spent').notNullable();
    table.jsonb('payload').notNullable();
    table.specificType('reached_at', 'timestamptz(3)').notNullable().defaultTo(database.fn.now());
    table.integer('attempts').notNullable().defaultTo(0);
    // Null: delivered, or given up.
    table.specificType('next_attempt_at', 'timestamptz(3)').defaultTo(database.fn.now());
    table.specificType('delivered_at', 'timestamptz(3)');
    table.text('last_error');
    table.primary(['budget_id', 'period_start', 'limit_value', 'threshold']);
  });
  await database.raw(
    'create index budget_notice_due on billing.budget_notice (next_attempt_at) where next_attempt_at is not null',
  );
};
