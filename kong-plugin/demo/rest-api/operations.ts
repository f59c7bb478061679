import type { Operation } from './operation.ts';
import { paymentOperations } from './payment-operations.ts';
import { productOperations } from './product-operations.ts';
import { userOperations } from './user-operations.ts';

/** The registry: an operation that is not here neither answers nor appears in the OpenAPI document. */
export const operations: readonly Operation[] = [...paymentOperations, ...userOperations, ...productOperations];
