import type { CatalogPrice, CatalogTenant, CatalogTool } from './desired-catalog.ts';

/** One step from what the provider has to what it should have. */
export type CatalogChange =
  | { readonly action: 'create'; readonly kind: 'customer'; readonly tenant: CatalogTenant }
  | { readonly action: 'create'; readonly kind: 'product'; readonly tool: CatalogTool }
  | { readonly action: 'create'; readonly kind: 'meter'; readonly tool: CatalogTool }
  | { readonly action: 'create'; readonly kind: 'price'; readonly price: CatalogPrice }
  /** From the first of this month on; the one it replaces ends first. */
  | {
      readonly action: 'create';
      readonly kind: 'subscription';
      readonly tenant: string;
      readonly priceKeys: readonly string[];
    }
  /** The provider has it under our name; our tables do not know. */
  | {
      readonly action: 'adopt';
      readonly kind: 'customer' | 'product' | 'price';
      readonly key: string;
      readonly id: string;
    }
  | { readonly action: 'adopt'; readonly kind: 'meter'; readonly tool: CatalogTool; readonly id: string }
  | {
      readonly action: 'adopt';
      readonly kind: 'subscription';
      readonly tenant: string;
      readonly id: string;
      readonly startedAt: number;
    }
  | {
      readonly action: 'rename';
      readonly kind: 'customer' | 'product' | 'meter';
      readonly id: string;
      readonly from: string;
      readonly to: string;
    }
  | { readonly action: 'reactivate'; readonly kind: 'product' | 'meter'; readonly id: string; readonly name: string }
  | { readonly action: 'deactivate'; readonly kind: 'product' | 'price'; readonly id: string; readonly key: string }
  | { readonly action: 'end'; readonly kind: 'subscription'; readonly id: string; readonly tenant: string };

export type ChangeOf<Action extends CatalogChange['action']> = CatalogChange & { readonly action: Action };

/** What no step can mend. Nothing is applied while there is one. */
export interface CatalogProblem {
  readonly subject: string;
  readonly problem: string;
  readonly fix: string;
}

const signs: Readonly<Record<CatalogChange['action'], string>> = {
  create: '+',
  adopt: '=',
  rename: '~',
  reactivate: '~',
  deactivate: '-',
  end: '-',
};

/** A line of the plan, as a person reads it. */
export const describeChange = (change: CatalogChange): string =>
  `${signs[change.action]} ${change.action} ${change.kind} ${subjectOf(change)}`;

const subjectOf = (change: CatalogChange): string => {
  switch (change.action) {
    case 'create':
      return createdSubject(change);
    case 'adopt':
      if (change.kind === 'meter') return `${change.tool.eventName} (${change.id})`;
      return change.kind === 'subscription' ? `of ${change.tenant} (${change.id})` : `${change.key} (${change.id})`;
    case 'rename':
      return `${change.id}: ${JSON.stringify(change.from)} becomes ${JSON.stringify(change.to)}`;
    case 'reactivate':
      return `${change.name} (${change.id})`;
    case 'deactivate':
      return `${change.key} (${change.id})`;
    case 'end':
      return `of ${change.tenant} (${change.id})`;
  }
};

const createdSubject = (change: CatalogChange & { readonly action: 'create' }): string => {
  switch (change.kind) {
    case 'customer':
      return `${change.tenant.id} (${change.tenant.name})`;
    case 'product':
      return `${change.tool.key} (${change.tool.displayName})`;
    case 'meter':
      return change.tool.eventName;
    case 'price':
      return `${change.price.key}: ${describeAmount(change.price)}`;
    case 'subscription':
      return `of ${change.tenant} with ${change.priceKeys.length} prices`;
  }
};

const describeAmount = ({ amount, currency }: CatalogPrice): string => {
  switch (amount.kind) {
    case 'unit':
      return `${amount.unitAmount} minor units of ${currency} a call`;
    case 'package':
      return `${amount.amount} minor units of ${currency} for each ${amount.size} calls begun`;
    case 'graduated':
    case 'volume':
      return `${amount.tiers.length} ${amount.kind} tiers in ${currency}`;
  }
};
