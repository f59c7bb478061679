import { defineOperation, notFound, type Operation } from './operation.ts';
import { listOf, pageQuery, productSchema } from './schemas.ts';

const tag = 'products';

const listProducts = defineOperation({
  operationId: 'listProducts',
  method: 'GET',
  path: '/products',
  summary: 'Lists products',
  tag,
  query: pageQuery,
  success: { status: 200, schema: listOf(productSchema) },
  handle: ({ products }, { query }) => ({ status: 200, body: { data: [...products.values()].slice(0, query.limit) } }),
});

const getProduct = defineOperation({
  operationId: 'getProduct',
  method: 'GET',
  path: '/products/{id}',
  summary: 'Shows a product',
  tag,
  success: { status: 200, schema: productSchema },
  failures: [404],
  handle: ({ products }, { id }) => {
    const product = products.get(id);
    return product === undefined ? notFound('product', id) : { status: 200, body: product };
  },
});

export const productOperations: readonly Operation[] = [listProducts, getProduct];
