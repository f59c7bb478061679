import { z } from 'zod';
import { currencies, paymentStates } from './rest-store.ts';

const currency = z.enum(currencies);
const cents = z.number().int().positive().max(100_000_000).describe('In cents');

export const paymentSchema = z.object({
  id: z.string(),
  customer: z.string(),
  amount: cents,
  currency,
  description: z.string(),
  state: z.enum(paymentStates),
});

/** Strict, so that a misspelled field is told and not ignored. */
export const newPaymentSchema = z.strictObject({
  customer: z.string().min(1).max(64),
  amount: cents,
  currency,
  description: z.string().max(500).default(''),
});

export const refundSchema = z.strictObject({ reason: z.string().min(1).max(500) });

export const userSchema = z.object({ id: z.string(), name: z.string(), email: z.string() });
export const productSchema = z.object({ id: z.string(), name: z.string(), price: cents, currency });

/** Query values are strings on the wire. */
export const pageQuery = z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) });

export function listOf(item: z.ZodType): z.ZodType {
  return z.object({ data: z.array(item) });
}
