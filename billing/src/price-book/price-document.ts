import { z } from 'zod';

/** What is read of one document at most: a price per tool of a large catalogue, several times over. */
const MAX_PRICES = 20_000;
const MAX_TENANTS = 10_000;
const MAX_RULES = 1_000;
const MAX_TIERS = 100;
const MAX_NAME = 512;

/** Outcomes of invocation records that a price may bill. */
export const billableOutcomes = [
  'ok',
  'tool_error',
  'rpc_error',
  'input_required',
  'task',
  'unknown',
  'none',
  'refused',
  'guard_refused',
  'not_executed',
  'upstream_error',
] as const;

/** No control characters: names stand in keys that line feeds separate, and on invoices. */
const name = z
  .string()
  .min(1)
  .max(MAX_NAME)
  .regex(/^\P{Cc}+$/u, 'must not have control characters');
const tenantId = name;
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a day such as 2026-03-01');
/** Texts, because a number has lost digits before anyone can look. */
const amount = z.string().max(40);
const units = z.int().min(0);

const scope = {
  server: name,
  tool: name,
  tenant: tenantId.optional(),
  currency: z.string().max(40),
  free_units: units.optional(),
  pool: name.optional(),
  minimum: amount.optional(),
  billable_outcomes: z.array(z.enum(billableOutcomes)).min(1).optional(),
  effective_from: day,
  effective_to: day.optional(),
  name: name.optional(),
  note: z.string().max(2_000).optional(),
};

const tiers = z
  .array(z.strictObject({ up_to: z.int().min(1).optional(), unit_amount: amount, flat_amount: amount.optional() }))
  .min(1)
  .max(MAX_TIERS);

const price = z.discriminatedUnion('model', [
  z.strictObject({ ...scope, model: z.literal('flat'), unit_amount: amount }),
  z.strictObject({ ...scope, model: z.literal('package'), size: z.int().min(1), amount }),
  z.strictObject({ ...scope, model: z.literal('graduated'), tiers }),
  z.strictObject({ ...scope, model: z.literal('volume'), tiers }),
]);

const tenant = z.strictObject({
  id: tenantId,
  name,
  currency: z.string().max(40),
  minimum: amount.optional(),
  line_mode: z.enum(['auto', 'meters', 'lines']).optional(),
  status: z.enum(['active', 'closed']).optional(),
});

const pool = z.strictObject({ id: name, tenant: tenantId.optional(), units, effective_from: day });

const rule = z.strictObject({
  application: name.optional(),
  server: name.optional(),
  tool: name.optional(),
  team: name,
  cost_center: name,
  weight_bp: z.int().min(1).max(10_000).optional(),
});

const allocation = z.strictObject({
  tenant: tenantId,
  effective_from: day,
  rules: z.array(rule).max(MAX_RULES),
});

/** A price document as people write it. Every list may be left out; what is not in it stays as it is. */
export const priceDocument = z.strictObject({
  version: z.literal(1),
  tenants: z.array(tenant).max(MAX_TENANTS).optional(),
  pools: z.array(pool).max(MAX_PRICES).optional(),
  prices: z.array(price).max(MAX_PRICES).optional(),
  /** Who bears a tenant's calls from a day on; each entry replaces the tenant's rules from then on. */
  allocations: z.array(allocation).max(MAX_TENANTS).optional(),
});

export type PriceDocument = z.infer<typeof priceDocument>;
export type PriceEntry = z.infer<typeof price>;
export type TenantEntry = z.infer<typeof tenant>;
export type AllocationEntry = z.infer<typeof allocation>;

/** Every field that a document may have somewhere, for suggestions. */
export const fieldNames: readonly string[] = [
  ...new Set(
    [
      Object.keys(priceDocument.shape),
      Object.keys(tenant.shape),
      Object.keys(pool.shape),
      Object.keys(scope),
      ['model', 'unit_amount', 'size', 'amount', 'tiers', 'up_to', 'flat_amount'],
      Object.keys(rule.shape),
      Object.keys(allocation.shape),
    ].flat(),
  ),
];
