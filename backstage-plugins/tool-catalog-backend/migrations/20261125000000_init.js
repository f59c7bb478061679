// @ts-check

/**
 * Times are milliseconds since the epoch. `subscription_event` is the history: rows are added and never changed.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('application', (table) => {
    table.text('id').primary();
    table.text('name').notNullable();
    table.text('team').notNullable().index().comment('Entity ref of the group that owns it');
    table.text('tenant').notNullable();
    table.text('consumer').notNullable().unique().comment('Username of its consumer in Kong');
    table.text('created_by').notNullable();
    table.bigInteger('created_at').notNullable();
    table.text('sealed_try_key').comment('The key of "Try it", sealed');
  });
  await knex.schema.createTable('plan', (table) => {
    table.text('id').primary();
    table.text('server').notNullable().index();
    table.text('name').notNullable();
    table.text('description').notNullable();
    table.jsonb('tools').notNullable();
    table.jsonb('limits').notNullable();
    table.boolean('requires_approval').notNullable();
    table.jsonb('auto_approved_teams').notNullable();
    table.text('status').notNullable();
    table.bigInteger('changed_at').notNullable();
  });
  await knex.schema.createTable('subscription', (table) => {
    table.uuid('id').primary();
    table.text('application').notNullable().references('application.id');
    table.text('server').notNullable().index();
    table.text('plan').notNullable().references('plan.id');
    table.jsonb('tools');
    table.text('state').notNullable();
    table.text('requested_by').notNullable();
    table.bigInteger('requested_at').notNullable();
    table.text('decided_by');
    table.bigInteger('decided_at');
    table.text('reason');
    table.bigInteger('expires_at');
    table.bigInteger('changed_at').notNullable();
  });
  // Two requests at once must not both succeed: the database decides, not a look before.
  await knex.raw(
    `create unique index subscription_one_per_server on subscription (application, server)
     where state in ('pending', 'active', 'suspended')`,
  );
  await knex.schema.createTable('subscription_event', (table) => {
    table.bigIncrements('id');
    table.uuid('subscription').notNullable().references('subscription.id').index();
    table.bigInteger('at').notNullable();
    table.text('actor').notNullable();
    table.text('action').notNullable();
    table.text('from_state');
    table.text('to_state').notNullable();
    table.text('reason');
  });
  await knex.schema.createTable('api_key', (table) => {
    table.uuid('id').primary();
    table.text('application').notNullable().references('application.id').index();
    table.text('name').notNullable();
    table.text('prefix').notNullable();
    table.text('hash').notNullable().unique();
    table.bigInteger('created_at').notNullable();
    table.text('created_by').notNullable();
    table.bigInteger('expires_at');
    table.bigInteger('revoked_at');
    table.text('revoked_by');
    table.uuid('replaced_by');
    table.text('sync_state').notNullable();
    table.text('sync_error');
    table.bigInteger('synced_at');
  });
  await knex.schema.createTable('second_factor', (table) => {
    table.text('user').primary();
    table.text('sealed_secret').notNullable();
    table.boolean('is_confirmed').notNullable();
    table.bigInteger('last_step').notNullable();
    table.integer('failures').notNullable();
    table.bigInteger('locked_until').notNullable();
    table.jsonb('recovery_hashes').notNullable();
    table.bigInteger('created_at').notNullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  for (const table of ['second_factor', 'api_key', 'subscription_event', 'subscription', 'plan', 'application'])
    await knex.schema.dropTable(table);
};
