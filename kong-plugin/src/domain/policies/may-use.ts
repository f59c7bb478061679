import type { ItemKind } from '../call.ts';
import type { CallerAccess } from './access.ts';
import type { Situation } from './condition.ts';
import { findItem } from './item-access.ts';
import type { CallerSubscriptions } from './subscription-access.ts';
import { viewSubscription } from './subscription.ts';

interface Rights {
  readonly access: CallerAccess;
  readonly subscriptions: CallerSubscriptions;
}

/** Do rules and subscriptions together allow the item? The one answer for lists, calls and step-up challenges. */
export const mayUseItem = (
  { access, subscriptions }: Rights,
  item: { readonly kind: ItemKind; readonly name: string; readonly situation: Situation },
): boolean => {
  const { effect } = findItem(access, item);
  if (effect === 'deny' || item.kind !== 'tool') return effect === 'allow';
  const subscribed = viewSubscription(subscriptions, item.name).effect;
  return subscribed !== 'deny' && (effect === 'allow' || subscribed === 'allow');
};
