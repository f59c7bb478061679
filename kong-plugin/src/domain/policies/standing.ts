import { callerKey, type Caller } from '../caller.ts';
import type { ServerConfig } from '../server-config.ts';
import type { Application, Snapshot } from '../snapshot/snapshot.ts';
import { compileAccess, compileRules, MAX_CALLERS, type CallerAccess } from './access.ts';
import { createCallerIndex } from './caller-index.ts';
import type { AnyRule } from './conditional-rule.ts';
import { RecentMap } from './recent-map.ts';
import { compileSubscriptions, noSubscriptions, type CallerSubscriptions } from './subscription-access.ts';

/** What configuration and snapshot say about one caller at one server. */
export interface Standing {
  /** As the snapshot knows it; the caller's own tag where the snapshot has no such application. */
  readonly application: string | undefined;
  readonly tenant: string | undefined;
  readonly access: CallerAccess;
  readonly subscriptions: CallerSubscriptions;
}

export type StandingOf = (caller: Caller) => Standing;

/** Compiles both once. Rules of the configuration come first; without a snapshot nothing else has a say. */
export const compileStanding = (config: ServerConfig, snapshot: Snapshot | undefined): StandingOf => {
  if (snapshot === undefined) return withoutSnapshot(config);
  const server = config.server.name;
  const accessOf = compileRules([...config.rules, ...rulesFor(snapshot, server)]);
  const subscriptionsOf = compileSubscriptions(snapshot, server);
  const identify = compileApplications(snapshot.applications);
  const known = new RecentMap<string, Standing>(MAX_CALLERS);
  return (caller) => {
    const key = callerKey(caller);
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const { application, tenant } = identify(caller);
    const subscriptions = subscriptionsOf(application);
    const access = widen(accessOf(withIdentity(caller, { application, tenant })), subscriptions);
    const standing = { application, tenant, access, subscriptions };
    known.set(key, standing);
    return standing;
  };
};

const withoutSnapshot = ({ rules }: ServerConfig): StandingOf => {
  const accessOf = compileAccess(rules);
  return (caller) => ({
    application: caller.application,
    tenant: caller.tenant,
    access: accessOf(caller),
    subscriptions: noSubscriptions,
  });
};

const rulesFor = ({ rules }: Snapshot, server: string): readonly AnyRule[] =>
  rules.filter(({ servers }) => servers.includes('*') || servers.includes(server));

/** Subscriptions let in and hide as rules do. */
const widen = (access: CallerAccess, { hasActive, hasInactive }: CallerSubscriptions): CallerAccess => ({
  ...access,
  allowsSomething: access.allowsSomething || hasActive,
  seesEverything: access.seesEverything && !hasInactive,
});

interface Identity {
  readonly application: string | undefined;
  readonly tenant: string | undefined;
}

/** The caller under the names that the snapshot gives it. */
export const withIdentity = (
  { application: _application, tenant: _tenant, ...caller }: Caller,
  { application, tenant }: Identity,
): Caller => ({
  ...caller,
  ...(application === undefined ? {} : { application }),
  ...(tenant === undefined ? {} : { tenant }),
});

/**
 * The first application that matches. A tag or username that merely equals the id of an application of the snapshot is
 * not that application: its `match` says who is. Nor is a caller of another tenant.
 */
const compileApplications = (applications: readonly Application[]): ((caller: Caller) => Identity) => {
  const find = createCallerIndex(applications.map((application) => ({ match: application.match, value: application })));
  const ids = new Set(applications.map(({ id }) => id));
  return (caller) => {
    const { application, tenant } = caller;
    const found = find(caller).find((each) => tenant === undefined || (each.tenant ?? tenant) === tenant);
    if (found !== undefined) return { application: found.id, tenant: tenant ?? found.tenant };
    return { application: application !== undefined && ids.has(application) ? undefined : application, tenant };
  };
};
