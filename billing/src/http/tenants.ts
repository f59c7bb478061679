import type { Database } from '../database/open-database.ts';
import { didYouMean } from '../domain/text/closest.ts';
import type { Access } from './access.ts';

export interface TenantRecord {
  readonly id: string;
  readonly name: string;
  readonly currency: string;
}

export const findTenant = (database: Database, id: string): Promise<TenantRecord | undefined> =>
  database('billing.tenant').where({ id }).first<TenantRecord | undefined>('id', 'name', 'currency');

/** A sentence for somebody who named a tenant that has no record. Who sees one tenant is not told the names of others. */
export const unknownTenant = async (database: Database, id: string, access?: Access): Promise<string> => {
  const known =
    access?.tenant === undefined
      ? await database('billing.tenant').orderBy('id').limit(5_000).pluck<string[]>('id')
      : [];
  return `There is no tenant ${id}.${didYouMean(id, known)} Add one with: stoa-billing tenant add ${id}.`;
};
