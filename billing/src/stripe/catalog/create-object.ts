import { createHash } from 'node:crypto';
import { failure } from '../../domain/result.ts';
import type { Answer } from '../billing-provider.ts';
import type { ProviderContext } from '../provider-context.ts';
import { findObject, saveObject } from '../provider-objects.ts';
import { saveSubscription } from '../subscriptions.ts';
import type { ChangeOf } from './catalog-change.ts';
import type { CatalogPrice, CatalogTool } from './desired-catalog.ts';
import { ENVIRONMENT_KEY } from './found-catalog.ts';

type Creation = ChangeOf<'create'>;

/** Makes one thing at the provider, labelled, and writes down what it is called there. */
export const createObject = (context: ProviderContext, change: Creation): Answer<unknown> => {
  const { provider, environment } = context;
  const label = { [ENVIRONMENT_KEY]: environment };
  switch (change.kind) {
    case 'customer': {
      const { id: tenant, name } = change.tenant;
      const made = provider.createCustomer(
        { name, metadata: { ...label, mcp_tenant: tenant } },
        keyOf(context, 'customer', tenant, name),
      );
      return saved(made, ({ id }) => saveCustomer(context, tenant, id));
    }
    case 'product': {
      const { key, displayName } = change.tool;
      const made = provider.createProduct(
        { name: displayName, metadata: { ...label, mcp_tool: key } },
        keyOf(context, 'product', key, displayName),
      );
      return saved(made, ({ id }) => saveObject(context, { kind: 'product', localId: key, id }));
    }
    case 'meter': {
      const { eventName, displayName } = change.tool;
      const made = provider.createMeter({ eventName, displayName }, keyOf(context, 'meter', eventName, displayName));
      return saved(made, ({ id }) => saveMeter(context, change.tool, id));
    }
    case 'price':
      return createPrice(context, change.price);
    case 'subscription':
      return createSubscription(context, change);
  }
};

const createPrice = async (context: ProviderContext, price: CatalogPrice): Answer<unknown> => {
  const { provider, environment } = context;
  const [productId, meterId] = await Promise.all([
    findObject(context, 'product', price.toolKey),
    findMeter(context, price.toolKey),
  ]);
  if (productId === undefined || meterId === undefined)
    return failure({ kind: 'missing', message: `${price.toolKey} has no product or no meter` });
  const made = provider.createPrice(
    {
      productId,
      meterId,
      currency: price.currency,
      amount: price.amount,
      metadata: { [ENVIRONMENT_KEY]: environment, mcp_price: price.key },
    },
    keyOf(context, 'price', price.key, productId, meterId),
  );
  return saved(made, ({ id }) => saveObject(context, { kind: 'price', localId: price.key, id }));
};

const createSubscription = async (
  context: ProviderContext,
  { tenant, priceKeys }: Creation & { readonly kind: 'subscription' },
): Answer<unknown> => {
  const { provider, database, environment, now } = context;
  const customerId = await findObject(context, 'customer', tenant);
  const priceIds: string[] = [];
  for (const key of priceKeys) {
    const id = await findObject(context, 'price', key);
    if (id !== undefined) priceIds.push(id);
  }
  if (customerId === undefined || priceIds.length < priceKeys.length)
    return failure({ kind: 'missing', message: `tenant ${tenant} has no customer, or a price is missing` });
  const month = new Date(now()).toISOString().slice(0, 7);
  // The same prices may come back within a day, and the answer of the ended one must not.
  const earlier = (await database('billing.stripe_subscription').where({ environment, tenant }).pluck('tenant')).length;
  const made = provider.createSubscription(
    {
      customerId,
      priceIds,
      startsAt: Date.parse(`${month}-01`),
      metadata: { [ENVIRONMENT_KEY]: environment, mcp_tenant: tenant },
    },
    keyOf(context, 'subscription', tenant, month, String(earlier), ...priceIds),
  );
  return saved(made, ({ id }) => saveSubscription(context, { subscriptionId: id, tenant, firstMonth: month }));
};

/** The parts make the key: what is asked for differently is another request. Whoever repeats it later has looked first. */
const keyOf = ({ environment }: ProviderContext, ...parts: readonly string[]): string => {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
  return `${environment}:catalog:${parts[0]}:${digest}`;
};

const saved = async <Value>(made: Answer<Value>, save: (value: Value) => Promise<void>): Answer<Value> => {
  const answer = await made;
  if (answer.ok) await save(answer.value);
  return answer;
};

/** Also in the tenant's record, where people look for it; the shadow account's customers are nobody's business there. */
export const saveCustomer = async (context: ProviderContext, tenant: string, id: string): Promise<void> => {
  await saveObject(context, { kind: 'customer', localId: tenant, id });
  if (context.mode === 'live')
    await context.database('billing.tenant').where({ id: tenant }).update({ stripe_customer_id: id });
};

export const saveMeter = async (
  { database, environment, now }: ProviderContext,
  { server, tool, eventName }: CatalogTool,
  id: string,
): Promise<void> => {
  await database('billing.stripe_meter')
    .insert({
      ...{ environment, server, tool, meter_id: id, event_name: eventName, is_active: true },
      recorded_at: new Date(now()),
    })
    .onConflict(['environment', 'server', 'tool'])
    .merge(['meter_id', 'event_name', 'is_active', 'recorded_at']);
};

const findMeter = async ({ database, environment }: ProviderContext, key: string): Promise<string | undefined> => {
  const [server = '', tool = ''] = key.split('/').map(decodeURIComponent);
  const row = await database('billing.stripe_meter')
    .where({ environment, server, tool })
    .first<{ readonly meter_id: string } | undefined>('meter_id');
  return row?.meter_id;
};
