import type { ProviderContext } from './provider-context.ts';

export type ObjectKind = 'customer' | 'product' | 'price';

/** Of a tool; both parts are escaped, so that no two tools have the same. */
export const toolKey = (server: string, tool: string): string =>
  `${encodeURIComponent(server)}/${encodeURIComponent(tool)}`;

/** A version with `*` is a price for each tool it covers. */
export const priceKey = (priceVersionId: string, server: string, tool: string): string =>
  `${priceVersionId} ${toolKey(server, tool)}`;

type Where = Pick<ProviderContext, 'database' | 'environment'>;

/** What the provider calls our thing, if the catalog has it. */
export const findObject = async (
  { database, environment }: Where,
  kind: ObjectKind,
  localId: string,
): Promise<string | undefined> => {
  const row = await database('billing.stripe_object')
    .where({ environment, kind, local_id: localId, is_active: true })
    .first<{ readonly stripe_id: string } | undefined>('stripe_id');
  return row?.stripe_id;
};

/** Local id to the provider's, of all active things of a kind. */
export const listObjects = async (
  { database, environment }: Where,
  kind: ObjectKind,
): Promise<ReadonlyMap<string, string>> => {
  const rows = await database('billing.stripe_object')
    .where({ environment, kind, is_active: true })
    .select<readonly { readonly local_id: string; readonly stripe_id: string }[]>('local_id', 'stripe_id');
  return new Map(rows.map(({ local_id: localId, stripe_id: id }) => [localId, id]));
};

export const saveObject = async (
  { database, environment, now }: ProviderContext,
  {
    kind,
    localId,
    id,
    isActive = true,
  }: { readonly kind: ObjectKind; readonly localId: string; readonly id: string; readonly isActive?: boolean },
): Promise<void> => {
  await database('billing.stripe_object')
    .insert({
      ...{ environment, kind, local_id: localId, stripe_id: id, is_active: isActive },
      recorded_at: new Date(now()),
    })
    .onConflict(['environment', 'kind', 'local_id'])
    .merge(['stripe_id', 'is_active', 'recorded_at']);
};
