import { failure, success, type Result } from '../../domain/result.ts';
import type { Answer, ProviderFailure } from '../billing-provider.ts';
import type { ProviderContext } from '../provider-context.ts';
import { saveObject } from '../provider-objects.ts';
import { endStoredSubscription, saveSubscription } from '../subscriptions.ts';
import { describeChange, type CatalogChange, type ChangeOf } from './catalog-change.ts';
import type { CatalogPlan } from './compare-catalog.ts';
import { createObject, saveCustomer, saveMeter } from './create-object.ts';

export interface ApplyFailure {
  /** What was done before; the next plan has the rest. */
  readonly applied: number;
  readonly failedAt: string;
  readonly failure: ProviderFailure;
}

/**
 * Takes the steps of a plan. Each is written down when it is done, and everything made carries our label, so that after a
 * failure or a death at any point the next plan is the rest: nothing is made twice.
 */
export const applyCatalog = async (
  context: ProviderContext,
  plan: CatalogPlan,
  onStep: (change: CatalogChange) => void = () => undefined,
): Promise<Result<{ readonly applied: number }, ApplyFailure>> => {
  if (plan.problems.length > 0) throw new Error('A plan with problems is not applied: show them.');
  let applied = 0;
  for (const change of plan.changes) {
    const done = await apply(context, change);
    if (!done.ok) return failure({ applied, failedAt: describeChange(change), failure: done.error });
    applied++;
    onStep(change);
  }
  return success({ applied });
};

const apply = (context: ProviderContext, change: CatalogChange): Answer<unknown> => {
  switch (change.action) {
    case 'create':
      return createObject(context, change);
    case 'adopt':
      return adopt(context, change);
    case 'rename':
      return rename(context, change);
    case 'reactivate':
      return change.kind === 'meter'
        ? context.provider.reactivateMeter(change.id)
        : context.provider.updateProduct(change.id, { isActive: true });
    case 'deactivate':
      return deactivate(context, change);
    case 'end':
      return endSubscription(context, change.id);
  }
};

const adopt = async (context: ProviderContext, change: ChangeOf<'adopt'>): Answer<unknown> => {
  switch (change.kind) {
    case 'customer':
      await saveCustomer(context, change.key, change.id);
      break;
    case 'meter':
      await saveMeter(context, change.tool, change.id);
      break;
    case 'subscription': {
      const firstMonth = new Date(change.startedAt).toISOString().slice(0, 7);
      await saveSubscription(context, { subscriptionId: change.id, tenant: change.tenant, firstMonth });
      break;
    }
    case 'product':
    case 'price':
      await saveObject(context, { kind: change.kind, localId: change.key, id: change.id });
  }
  return success(undefined);
};

const rename = ({ provider }: ProviderContext, { kind, id, to }: ChangeOf<'rename'>): Answer<unknown> => {
  switch (kind) {
    case 'customer':
      return provider.updateCustomer(id, { name: to });
    case 'product':
      return provider.updateProduct(id, { name: to });
    case 'meter':
      return provider.updateMeter(id, { displayName: to });
  }
};

const deactivate = async (context: ProviderContext, { kind, id, key }: ChangeOf<'deactivate'>): Answer<unknown> => {
  const { provider, database, environment } = context;
  const done =
    kind === 'price' ? await provider.deactivatePrice(id) : await provider.updateProduct(id, { isActive: false });
  if (done.ok)
    await database('billing.stripe_object')
      .where({ environment, kind, local_id: key, stripe_id: id })
      .update({ is_active: false });
  return done;
};

const endSubscription = async (context: ProviderContext, subscriptionId: string): Answer<unknown> => {
  const ended = await context.provider.endSubscription(subscriptionId);
  const month = new Date(context.now()).toISOString().slice(0, 7);
  if (ended.ok) await endStoredSubscription(context, { subscriptionId, month });
  return ended;
};
