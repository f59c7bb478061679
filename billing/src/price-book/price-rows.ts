import type { FreePool, PriceModel, PriceTier, PriceVersion } from '../domain/pricing/price-version.ts';

export interface PriceRow {
  readonly id: string;
  readonly server: string;
  readonly tool: string;
  readonly tenant: string | null;
  readonly currency: string;
  readonly model: StoredModel;
  readonly free_units: bigint | null;
  readonly pool: string | null;
  readonly minimum_minor: bigint | null;
  readonly billable_outcomes: readonly string[];
  readonly effective_from: string;
  readonly effective_to: string | null;
  readonly display_name: string | null;
  readonly note: string | null;
  readonly created_at: Date;
  readonly created_by: string;
  readonly stripe_product_id: string | null;
  readonly stripe_price_id: string | null;
}

/** The model as json: names as in documents, amounts as texts, counts as numbers below 2^53 (the document allows no more). */
type StoredModel =
  | { readonly model: 'flat'; readonly unit_amount: string }
  | { readonly model: 'package'; readonly size: number; readonly amount: string }
  | { readonly model: 'graduated' | 'volume'; readonly tiers: readonly StoredTier[] };

interface StoredTier {
  readonly up_to?: number;
  readonly unit_amount: string;
  readonly flat_amount?: string;
}

export const toStoredModel = (price: PriceModel): StoredModel => {
  switch (price.model) {
    case 'flat':
      return { model: 'flat', unit_amount: price.unitAmount };
    case 'package':
      return { model: 'package', size: Number(price.size), amount: price.amount };
    case 'graduated':
    case 'volume':
      return { model: price.model, tiers: price.tiers.map(toStoredTier) };
  }
};

const toStoredTier = ({ upTo, unitAmount, flatAmount }: PriceTier): StoredTier => ({
  ...(upTo === undefined ? {} : { up_to: Number(upTo) }),
  unit_amount: unitAmount,
  ...(flatAmount === undefined ? {} : { flat_amount: flatAmount }),
});

const readModel = (stored: StoredModel): PriceModel => {
  switch (stored.model) {
    case 'flat':
      return { model: 'flat', unitAmount: stored.unit_amount };
    case 'package':
      return { model: 'package', size: BigInt(stored.size), amount: stored.amount };
    case 'graduated':
    case 'volume':
      return {
        model: stored.model,
        tiers: stored.tiers.map(({ up_to: upTo, unit_amount: unitAmount, flat_amount: flatAmount }) => ({
          ...(upTo === undefined ? {} : { upTo: BigInt(upTo) }),
          unitAmount,
          ...(flatAmount === undefined ? {} : { flatAmount }),
        })),
      };
  }
};

export const toPriceRow = (
  version: PriceVersion,
  more: { readonly actor: string; readonly note?: string | undefined },
): Readonly<Record<string, unknown>> => ({
  id: version.id,
  server: version.server,
  tool: version.tool,
  tenant: version.tenant ?? null,
  currency: version.currency,
  model: JSON.stringify(toStoredModel(version.price)),
  free_units: version.freeUnits?.toString() ?? null,
  pool: version.pool ?? null,
  minimum_minor: version.minimumMinor?.toString() ?? null,
  billable_outcomes: [...version.billableOutcomes],
  effective_from: version.effectiveFrom,
  effective_to: version.effectiveTo ?? null,
  display_name: version.displayName ?? null,
  note: more.note ?? null,
  created_by: more.actor,
});

export const readPriceRow = (row: PriceRow): PriceVersion => ({
  id: row.id,
  server: row.server,
  tool: row.tool,
  ...(row.tenant === null ? {} : { tenant: row.tenant }),
  currency: row.currency,
  price: readModel(row.model),
  ...(row.free_units === null ? {} : { freeUnits: row.free_units }),
  ...(row.pool === null ? {} : { pool: row.pool }),
  ...(row.minimum_minor === null ? {} : { minimumMinor: row.minimum_minor }),
  billableOutcomes: row.billable_outcomes,
  effectiveFrom: row.effective_from,
  ...(row.effective_to === null ? {} : { effectiveTo: row.effective_to }),
  ...(row.display_name === null ? {} : { displayName: row.display_name }),
});

export interface PoolRow {
  readonly id: string;
  readonly tenant: string | null;
  readonly units: bigint;
  readonly effective_from: string;
}

export const readPoolRow = ({ id, tenant, units, effective_from: effectiveFrom }: PoolRow): FreePool => ({
  id,
  ...(tenant === null ? {} : { tenant }),
  units,
  effectiveFrom,
});
