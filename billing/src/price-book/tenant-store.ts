import type { Knex } from 'knex';
import type { StatementTenant } from '../domain/statements/statement-input.ts';

export interface TenantRow {
  readonly id: string;
  readonly name: string;
  readonly currency: string;
  readonly stripe_customer_id: string | null;
  readonly line_mode: 'auto' | 'meters' | 'lines';
  readonly minimum_minor: bigint | null;
  readonly status: 'active' | 'closed';
  readonly created_at: Date;
}

export interface StoredTenant extends StatementTenant {
  readonly lineMode: TenantRow['line_mode'];
  readonly status: TenantRow['status'];
  readonly stripeCustomerId?: string;
  readonly createdAt: Date;
}

export const listTenants = async (database: Knex): Promise<readonly StoredTenant[]> => {
  const rows = await database('billing.tenant').orderBy('id').select<readonly TenantRow[]>('*');
  return rows.map(readTenantRow);
};

export const findTenant = async (database: Knex, id: string): Promise<StoredTenant | undefined> => {
  const row = await database('billing.tenant').where({ id }).first<TenantRow | undefined>('*');
  return row === undefined ? undefined : readTenantRow(row);
};

const readTenantRow = (row: TenantRow): StoredTenant => ({
  id: row.id,
  name: row.name,
  currency: row.currency,
  ...(row.minimum_minor === null ? {} : { minimumMinor: row.minimum_minor }),
  lineMode: row.line_mode,
  status: row.status,
  ...(row.stripe_customer_id === null ? {} : { stripeCustomerId: row.stripe_customer_id }),
  createdAt: row.created_at,
});
