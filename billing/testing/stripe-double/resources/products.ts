import type Stripe from 'stripe';
import { endpoint } from '../http/endpoint.ts';
import { newestFirst, toPage, within } from '../http/list.ts';
import type { Account } from '../state/account.ts';
import type { ProductRecord } from '../state/records.ts';
import { invalidRequest, noSuch } from '../state/stripe-failure.ts';
import type { Wire } from '../state/wire.ts';
import { emit } from '../webhooks/emit.ts';
import { mergeMetadata } from './metadata.ts';

type Changes = Wire<Stripe.ProductUpdateParams>;

export const productEndpoints = [
  endpoint('POST /v1/products', 'ProductCreate', ({ account, params }) => {
    if (params.id !== undefined && account.products.has(params.id)) {
      throw invalidRequest(`Product already exists: ${params.id}`, { code: 'resource_already_exists', param: 'id' });
    }
    if (params.default_price_data) {
      throw invalidRequest("The Stripe double does not model 'default_price_data': create the price by itself.", {
        code: 'double_not_modelled',
        param: 'default_price_data',
      });
    }
    return toProduct(createProduct(account, params.name, { id: params.id, changes: params }));
  }),

  endpoint('GET /v1/products', 'ProductList', ({ account, params }) => {
    const products = newestFirst(account.products).filter(
      (product) =>
        (params.active ?? product.active) === product.active &&
        (params.ids ?? [product.id]).includes(product.id) &&
        (params.url === undefined || params.url === product.url) &&
        within(product.created, params.created),
    );
    const url = '/v1/products';
    return toPage(products, params, { kind: 'product', url, idOf: (product) => product.id, toItem: toProduct });
  }),

  endpoint('GET /v1/products/:id', 'Retrieve', ({ account, id }) => toProduct(requireProduct(account, id, 'id'))),

  endpoint('POST /v1/products/:id', 'ProductUpdate', ({ account, params, id }) => {
    const product = requireProduct(account, id, 'id');
    if (params.default_price !== undefined && account.prices.get(params.default_price)?.product !== id) {
      throw noSuch('price', params.default_price, 'default_price');
    }
    change(product, params);
    product.updated = account.clock.now();
    emit(account, 'product.updated', toProduct(product));
    return toProduct(product);
  }),

  endpoint('DELETE /v1/products/:id', 'Retrieve', ({ account, id }) => {
    const product = requireProduct(account, id, 'id');
    if ([...account.prices.values()].some((price) => price.product === id)) {
      throw invalidRequest('This product cannot be deleted because it has one or more user-created prices.');
    }
    account.products.delete(id);
    emit(account, 'product.deleted', toProduct(product));
    return { id, object: 'product', deleted: true } satisfies Wire<Stripe.DeletedProduct>;
  }),
];

export function requireProduct(account: Account, id: string, param = 'product'): ProductRecord {
  const product = account.products.get(id);
  if (!product) throw noSuch('product', id, param);
  return product;
}

export function createProduct(
  account: Account,
  name: string,
  { id, changes }: { id?: string | undefined; changes: Changes },
): ProductRecord {
  const now = account.clock.now();
  const product: ProductRecord = {
    id: id ?? account.ids.next('prod'),
    created: now,
    updated: now,
    name,
    active: true,
    description: null,
    unitLabel: null,
    taxCode: null,
    statementDescriptor: null,
    url: null,
    defaultPrice: null,
    images: [],
    metadata: {},
  };
  change(product, changes);
  account.products.set(product.id, product);
  emit(account, 'product.created', toProduct(product));
  return product;
}

function change(product: ProductRecord, changes: Changes): void {
  const text = (value: string | null | undefined, current: string | null): string | null =>
    value === undefined ? current : value === '' ? null : value;
  product.name = changes.name ?? product.name;
  product.active = changes.active ?? product.active;
  product.description = text(changes.description, product.description);
  product.unitLabel = text(changes.unit_label, product.unitLabel);
  product.taxCode = text(changes.tax_code, product.taxCode);
  product.statementDescriptor = text(changes.statement_descriptor, product.statementDescriptor);
  product.url = text(changes.url, product.url);
  product.defaultPrice = text(changes.default_price, product.defaultPrice);
  if (changes.images !== undefined) product.images = changes.images || [];
  product.metadata = mergeMetadata(product.metadata, changes.metadata);
}

export function toProduct(product: ProductRecord) {
  return {
    id: product.id,
    object: 'product',
    active: product.active,
    created: product.created,
    default_price: product.defaultPrice,
    description: product.description,
    images: [...product.images],
    livemode: false,
    marketing_features: [],
    metadata: { ...product.metadata },
    name: product.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: product.statementDescriptor,
    tax_code: product.taxCode,
    tax_details: null,
    type: 'service',
    unit_label: product.unitLabel,
    updated: product.updated,
    url: product.url,
  } satisfies Wire<Stripe.Product>;
}
