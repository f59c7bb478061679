import type { LimitRule } from '../../domain/limits/limit-rule.ts';
import { describeLimit } from './limits-on.ts';
import type { LoadedPolicy } from './setup.ts';

export interface LimitChange {
  readonly id: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly describes: string;
}

/** Limits by id, of the documents themselves and of their plans: an id is unique among all of them. */
export const compareLimits = (
  before: readonly LoadedPolicy[],
  after: readonly LoadedPolicy[],
): readonly LimitChange[] => {
  const [old, now] = [limitsOf(before), limitsOf(after)];
  return [
    ...[...now]
      .filter(([id]) => !old.has(id))
      .map(([id, limit]): LimitChange => ({ id, change: 'added', describes: describeLimit(limit) })),
    ...[...old]
      .filter(([id]) => !now.has(id))
      .map(([id, limit]): LimitChange => ({ id, change: 'removed', describes: describeLimit(limit) })),
    ...[...now].flatMap(([id, limit]) => changesOf(id, old.get(id), limit)),
  ];
};

const limitsOf = (policies: readonly LoadedPolicy[]): ReadonlyMap<string, LimitRule> =>
  new Map(
    policies
      .flatMap(({ snapshot }) => [...snapshot.limits, ...snapshot.plans.flatMap(({ limits }) => limits)])
      .map((limit) => [limit.id, limit]),
  );

const changesOf = (id: string, old: LimitRule | undefined, limit: LimitRule): readonly LimitChange[] => {
  if (old === undefined || JSON.stringify(old) === JSON.stringify(limit)) return [];
  const [from, to] = [describeLimit(old), describeLimit(limit)];
  return [{ id, change: 'changed', describes: from === to ? `${to}, on other terms` : `${from} -> ${to}` }];
};
