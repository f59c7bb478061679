import type { ItemKind } from '../call.ts';
import type { Reason } from '../reason.ts';
import { findItem } from './item-access.ts';
import type { PolicyInput, View } from './policy.ts';

interface Item {
  readonly policy: string;
  readonly kind: ItemKind;
  readonly name: string;
  readonly reason: Reason;
  /** The same whether a rule denies the item, none allows it, or there is no such item: nothing leaks. */
  readonly detail: string;
}

/** The rules' view on one item. */
export const viewItem = (input: PolicyInput, { policy, kind, name, reason, detail }: Item): View => {
  const found = findItem(input.access, kind, name);
  if (found === undefined) return { effect: 'none', rule: `${policy}:no-rule-allows`, reason, detail };
  return found.effect === 'allow'
    ? { effect: 'allow', rule: found.rule }
    : { effect: 'deny', rule: found.rule, reason, detail };
};
