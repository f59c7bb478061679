import type { SubscriptionState } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import type { PolicyDocument, PolicyPlan, PolicySubscription } from './policyDocument';

export interface PolicyFacts {
  /** What operators keep by hand: rules, limits, pins of servers. */
  readonly base: PolicyDocument;
  readonly applications: readonly {
    readonly id: string;
    readonly tenant: string;
    /** Username of the Kong consumer whose calls are the application's. */
    readonly consumer: string;
  }[];
  readonly plans: readonly PolicyPlan[];
  readonly subscriptions: readonly {
    readonly application: string;
    readonly server: string;
    readonly plan: string;
    readonly tools?: readonly string[];
    readonly state: SubscriptionState;
    /** Milliseconds since the epoch; the newest of an application at a server counts. */
    readonly changedAt: number;
  }[];
}

/**
 * The snapshot that gateways poll. Deterministic: the same facts give the same bytes, so that the ETag changes only when
 * something changed. Entries of the base win over the portal's where both name the same id.
 */
export const buildPolicyDocument = ({ base, applications, plans, subscriptions }: PolicyFacts): PolicyDocument => {
  const tenants = applications.map(({ tenant }) => ({ id: tenant }));
  return {
    ...base,
    version: 1,
    tenants: merge(base.tenants, tenants),
    applications: merge(
      base.applications,
      applications.map(({ id, tenant, consumer }) => ({ id, tenant, match: { consumers: [consumer] } })),
    ),
    servers: merge(
      base.servers,
      subscriptions.map(({ server }) => ({ id: server })),
    ),
    plans: merge(base.plans, plans),
    subscriptions: [...(base.subscriptions ?? []), ...toSubscriptions(subscriptions, base.subscriptions ?? [])],
  };
};

const merge = <Item extends { readonly id: string }>(
  base: readonly Item[] = [],
  added: readonly Item[],
): readonly Item[] => {
  const known = new Map(base.map((item) => [item.id, item]));
  for (const item of added) if (!known.has(item.id)) known.set(item.id, item);
  const fresh = [...known.values()].slice(base.length).sort(byId);
  return [...base, ...fresh];
};

const byId = (left: { readonly id: string }, right: { readonly id: string }): number => compare(left.id, right.id);

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/** A request that waits or was rejected says nothing to the gateway: silence is a deny there. */
const spoken: Readonly<Partial<Record<SubscriptionState, PolicySubscription['state']>>> = {
  active: 'active',
  suspended: 'suspended',
  revoked: 'revoked',
  expired: 'expired',
};

const toSubscriptions = (
  subscriptions: PolicyFacts['subscriptions'],
  base: readonly PolicySubscription[],
): readonly PolicySubscription[] => {
  const newest = new Map<string, PolicyFacts['subscriptions'][number]>();
  for (const subscription of [...subscriptions].sort((left, right) => left.changedAt - right.changedAt))
    if (spoken[subscription.state] !== undefined) newest.set(keyOf(subscription), subscription);
  for (const subscription of base) newest.delete(keyOf(subscription));
  return [...newest.entries()]
    .sort(([left], [right]) => compare(left, right))
    .flatMap(([, { application, server, plan, tools, state }]) => {
      const told = spoken[state];
      return told === undefined
        ? []
        : [{ application, server, plan, ...(tools === undefined ? {} : { tools }), state: told }];
    });
};

const keyOf = ({ application, server }: { readonly application: string; readonly server: string }): string =>
  JSON.stringify([application, server]);
