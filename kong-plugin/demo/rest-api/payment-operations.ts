import { z } from 'zod';
import { defineOperation, failure, notFound, type Operation } from './operation.ts';
import { paymentStates } from './rest-store.ts';
import { listOf, newPaymentSchema, pageQuery, paymentSchema, refundSchema } from './schemas.ts';

const tag = 'payments';

const listPayments = defineOperation({
  operationId: 'listPayments',
  method: 'GET',
  path: '/payments',
  summary: 'Lists payments, the newest first',
  tag,
  query: pageQuery.extend({ state: z.enum(paymentStates).optional() }),
  success: { status: 200, schema: listOf(paymentSchema) },
  handle: ({ payments }, { query }) => {
    const matching = [...payments.values()].filter(({ state }) => query.state === undefined || state === query.state);
    return { status: 200, body: { data: matching.reverse().slice(0, query.limit) } };
  },
});

const createPayment = defineOperation({
  operationId: 'createPayment',
  method: 'POST',
  path: '/payments',
  summary: 'Takes a payment from a user',
  tag,
  body: newPaymentSchema,
  success: { status: 201, schema: paymentSchema },
  handle: (store, { body }) => {
    if (store.users.has(body.customer)) return { status: 201, body: store.addPayment(body) };
    return failure(400, { code: 'unknown_user', message: `There is no user ${body.customer}.` });
  },
});

const getPayment = defineOperation({
  operationId: 'getPayment',
  method: 'GET',
  path: '/payments/{id}',
  summary: 'Shows a payment',
  tag,
  success: { status: 200, schema: paymentSchema },
  failures: [404],
  handle: ({ payments }, { id }) => {
    const payment = payments.get(id);
    return payment === undefined ? notFound('payment', id) : { status: 200, body: payment };
  },
});

const refundPayment = defineOperation({
  operationId: 'refundPayment',
  method: 'POST',
  path: '/payments/{id}/refund',
  summary: 'Refunds a payment in full',
  tag,
  body: refundSchema,
  success: { status: 200, schema: paymentSchema },
  failures: [404, 409],
  handle: (store, { id }) => {
    const payment = store.payments.get(id);
    if (payment === undefined) return notFound('payment', id);
    if (payment.state === 'refunded') {
      return failure(409, { code: 'already_refunded', message: `Payment ${id} is refunded already.` });
    }
    return { status: 200, body: store.markRefunded(payment) };
  },
});

export const paymentOperations: readonly Operation[] = [listPayments, createPayment, getPayment, refundPayment];
