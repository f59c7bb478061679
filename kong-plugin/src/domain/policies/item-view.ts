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
  const finding = findItem(input.access, { kind, name, situation: input.situation });
  const noted = finding.shadow === undefined ? {} : { shadow: finding.shadow };
  if (finding.effect === 'allow') return { effect: 'allow', rule: finding.rule ?? policy, ...noted };
  const { effect, rule = `${policy}:no-rule-allows` } = finding;
  const told = finding.refusal ?? (isSubscribed(input, { kind, name }) ? finding.refusalOfSubscribed : undefined);
  const refusal = { rule, ...(told ?? { reason, detail }), ...noted };
  return effect === 'deny' ? { effect, ...refusal } : { effect, ...refusal };
};

const isSubscribed = ({ subscriptions }: PolicyInput, { kind, name }: Pick<Item, 'kind' | 'name'>): boolean =>
  kind === 'tool' && subscriptions.find(name)?.state === 'active';
