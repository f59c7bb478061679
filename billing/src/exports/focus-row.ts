import type { CsvColumn } from './csv.ts';

/** A row of the FOCUS dataset. Undefined is NULL, which CSV writes as nothing. */
export interface FocusRow {
  readonly billedCost: string;
  readonly contractedCost: string;
  readonly listCost: string;
  readonly contractedUnitPrice?: string;
  readonly listUnitPrice?: string;
  readonly consumedQuantity?: string;
  readonly pricingQuantity?: string;
  readonly chargeCategory: 'Usage' | 'Adjustment' | 'Credit';
  readonly isCorrection: boolean;
  readonly chargeDescription: string;
  readonly chargeFrequency: 'Usage-Based' | 'Recurring' | 'One-Time';
  /** Days `YYYY-MM-DD`, the second not in it. */
  readonly chargePeriod: readonly [start: string, end: string];
  readonly billingPeriod: readonly [start: string, end: string];
  readonly billingAccountId: string;
  readonly billingAccountName: string;
  readonly billingCurrency: string;
  readonly invoiceId?: string;
  readonly issuer: string;
  readonly provider: string;
  readonly publisher: string;
  readonly serviceName: string;
  readonly resourceId?: string;
  readonly skuId?: string;
  readonly skuPriceId?: string;
  readonly team?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly statementId: string;
  readonly statementLine: number;
}

/** One invocation of one tool; a count-based unit of our own, capitalised as the specification asks. */
const UNIT = 'Invocations';

const text = (name: string, value: (row: FocusRow) => string | undefined): CsvColumn<FocusRow> => ({
  name,
  kind: 'text',
  value,
});
const number = (name: string, value: (row: FocusRow) => string | undefined): CsvColumn<FocusRow> => ({
  name,
  kind: 'number',
  value,
});

/** Days begin at midnight UTC. */
const midnight = (day: string): string => `${day}T00:00:00Z`;

/**
 * FOCUS 1.2 (focus.finops.org): all 21 mandatory columns, and those conditional and recommended ones whose condition we
 * meet, in alphabetical order as the specification's samples; our own begin with `x_`. The order is part of the contract.
 */
export const focusColumns: readonly CsvColumn<FocusRow>[] = [
  number('BilledCost', (row) => row.billedCost),
  text('BillingAccountId', (row) => row.billingAccountId),
  text('BillingAccountName', (row) => row.billingAccountName),
  text('BillingAccountType', () => 'Tenant'),
  text('BillingCurrency', (row) => row.billingCurrency),
  text('BillingPeriodEnd', (row) => midnight(row.billingPeriod[1])),
  text('BillingPeriodStart', (row) => midnight(row.billingPeriod[0])),
  text('ChargeCategory', (row) => row.chargeCategory),
  text('ChargeClass', (row) => (row.isCorrection ? 'Correction' : undefined)),
  text('ChargeDescription', (row) => row.chargeDescription),
  text('ChargeFrequency', (row) => row.chargeFrequency),
  text('ChargePeriodEnd', (row) => midnight(row.chargePeriod[1])),
  text('ChargePeriodStart', (row) => midnight(row.chargePeriod[0])),
  number('ConsumedQuantity', (row) => row.consumedQuantity),
  text('ConsumedUnit', (row) => (row.consumedQuantity === undefined ? undefined : UNIT)),
  number('ContractedCost', (row) => row.contractedCost),
  number('ContractedUnitPrice', (row) => row.contractedUnitPrice),
  // Nothing is paid in advance, so that nothing is amortised.
  number('EffectiveCost', (row) => row.billedCost),
  text('InvoiceId', (row) => row.invoiceId),
  text('InvoiceIssuerName', (row) => row.issuer),
  number('ListCost', (row) => row.listCost),
  number('ListUnitPrice', (row) => row.listUnitPrice),
  text('PricingCategory', (row) => (row.chargeCategory === 'Usage' ? 'Standard' : undefined)),
  number('PricingQuantity', (row) => row.pricingQuantity),
  text('PricingUnit', (row) => (row.pricingQuantity === undefined ? undefined : UNIT)),
  text('ProviderName', (row) => row.provider),
  text('PublisherName', (row) => row.publisher),
  text('ResourceId', (row) => row.resourceId),
  text('ResourceName', (row) => row.resourceId),
  text('ResourceType', (row) => (row.resourceId === undefined ? undefined : 'Tool')),
  text('ServiceCategory', () => 'Integration'),
  text('ServiceName', (row) => row.serviceName),
  text('ServiceSubcategory', () => 'API Management'),
  text('SkuId', (row) => row.skuId),
  text('SkuMeter', (row) => (row.skuId === undefined ? undefined : UNIT)),
  text('SkuPriceId', (row) => row.skuPriceId),
  text('SubAccountId', (row) => (row.team === undefined ? undefined : `${row.billingAccountId}/${row.team}`)),
  text('SubAccountName', (row) => row.team),
  text('SubAccountType', (row) => (row.team === undefined ? undefined : 'Team')),
  text('Tags', (row) => JSON.stringify(row.tags)),
  text('x_StatementId', (row) => row.statementId),
  number('x_StatementLine', (row) => String(row.statementLine)),
];
