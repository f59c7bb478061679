import type { Migration } from './migration.ts';

export const apiTokens: Migration = {
  name: '300-api-tokens',
  up: async (database) => {
    await database.schema.withSchema('billing').createTable('api_token', (table) => {
      table.text('id').primary();
      table.text('name').notNullable();
      // Hex SHA-256: the token itself is shown once, when it is made.
      table.text('token_sha256').notNullable().unique();
      table.specificType('roles', 'text[]').notNullable();
      // Sees this tenant alone; all of them when null.
      table.text('tenant');
      table.specificType('created_at', 'timestamptz(3)').notNullable().defaultTo(database.fn.now());
      table.specificType('expires_at', 'timestamptz(3)');
      table.specificType('revoked_at', 'timestamptz(3)');
      table.check(
        `roles <@ array['usage', 'audit', 'finance', 'gateway', 'admin'] and cardinality(roles) > 0`,
        [],
        'api_token_roles',
      );
    });
  },
};
