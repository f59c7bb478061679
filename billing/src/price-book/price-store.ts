import type { Knex } from 'knex';
import type { Day } from '../domain/calendar/day.ts';
import { createPriceList, type PriceList } from '../domain/pricing/price-list.ts';
import type { FreePool, PriceVersion } from '../domain/pricing/price-version.ts';
import { readPoolRow, readPriceRow, type PoolRow, type PriceRow } from './price-rows.ts';

/** A version with what the database knows beside it. */
export interface StoredPrice {
  readonly version: PriceVersion;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly note?: string;
  readonly stripeProductId?: string;
  readonly stripePriceId?: string;
}

export interface PriceFilter {
  /** The tenant's own prices and the list's; without it those of every tenant. */
  readonly tenant?: string;
  readonly server?: string;
}

/** Every version, oldest first, ended ones and those to come included. */
export const listPrices = async (database: Knex, filter: PriceFilter = {}): Promise<readonly StoredPrice[]> => {
  const rows = await selectPrices(database, filter).select<readonly PriceRow[]>('*');
  return rows.map((row) => ({
    version: readPriceRow(row),
    createdAt: row.created_at,
    createdBy: row.created_by,
    ...(row.note === null ? {} : { note: row.note }),
    ...(row.stripe_product_id === null ? {} : { stripeProductId: row.stripe_product_id }),
    ...(row.stripe_price_id === null ? {} : { stripePriceId: row.stripe_price_id }),
  }));
};

const selectPrices = (database: Knex, { tenant, server }: PriceFilter): Knex.QueryBuilder =>
  database('billing.price_version')
    .modify((query) => {
      if (tenant !== undefined) void query.whereRaw('(tenant is null or tenant = ?)', [tenant]);
      if (server !== undefined) void query.where({ server });
    })
    .orderBy(['effective_from', 'server', 'tool', 'id']);

export const loadPriceVersions = async (database: Knex, filter: PriceFilter = {}): Promise<readonly PriceVersion[]> =>
  (await listPrices(database, filter)).map(({ version }) => version);

export const loadPriceList = async (database: Knex, filter: PriceFilter = {}): Promise<PriceList> =>
  createPriceList(await loadPriceVersions(database, filter));

/** Without a tenant those of every tenant. */
export const loadPools = async (database: Knex, tenant?: string): Promise<readonly FreePool[]> => {
  const rows = await database('billing.free_pool')
    .modify((query) => {
      if (tenant !== undefined) void query.whereRaw('(tenant is null or tenant = ?)', [tenant]);
    })
    .orderBy(['id', 'effective_from'])
    .select<readonly PoolRow[]>('id', 'tenant', 'units', 'effective_from');
  return rows.map(readPoolRow);
};

export interface ToolPrice {
  readonly server: string;
  readonly tool: string;
  /** Absent: the tool is unpriced that day. */
  readonly version?: PriceVersion;
}

/** What each tool costs the tenant on a day: what the portal shows beside it. Undefined for an unknown tenant. */
export const pricesInForce = async (
  database: Knex,
  {
    tenant,
    day,
    tools,
  }: {
    readonly tenant: string;
    readonly day: Day;
    readonly tools: readonly { readonly server: string; readonly tool: string }[];
  },
): Promise<readonly ToolPrice[] | undefined> => {
  const row = await database('billing.tenant')
    .where({ id: tenant })
    .first<{ readonly currency: string } | undefined>('currency');
  if (row === undefined) return undefined;
  const list = await loadPriceList(database, { tenant });
  return tools.map(({ server, tool }) => {
    const version = list.inForce({ tenant, currency: row.currency, server, tool }, day);
    return { server, tool, ...(version === undefined ? {} : { version }) };
  });
};
