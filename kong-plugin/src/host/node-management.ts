import packageJson from '../../package.json' with { type: 'json' };
import type { ManagementSettings } from '../config/plugin-config.ts';
import { startManagementServer, type ManagementServer } from '../management/start-management-server.ts';
import { createLogs } from '../observability/logs.ts';
import { createMetrics } from '../observability/metrics.ts';
import { combineObservers } from '../observability/observers.ts';
import {
  stores,
  type Observation,
  type Observe,
  type SnapshotSourceKind,
  type SpoolSeen,
  type StoreName,
} from '../observability/observation.ts';
import type { CounterStore } from '../ports/counter-store.ts';
import type { PinStore } from '../ports/pin-store.ts';
import type { PolicySource, PolicyState } from '../ports/policy-source.ts';
import { GovernedServers, type Governed } from './governed-servers.ts';
import { peekAll } from './peek-all.ts';
import type { LogEvent } from './plugin-resources.ts';

export interface ComponentHealth {
  readonly ok: boolean;
  readonly why?: string;
}

export interface NodeManagement {
  readonly observe: Observe;
  /** Metrics and logs follow the source from now on. */
  readonly follow: (source: PolicySource, place: SnapshotPlace) => void;
  /** The management API tells of this configuration until the returned function is called. With settings it starts. */
  readonly manage: (governed: Governed & { readonly pins: PinStore }, settings?: ManagementSettings) => () => void;
  readonly close: () => Promise<void>;
}

interface NodeManagementOptions {
  readonly log: (event: LogEvent) => void;
  /** Of every store and engine in use, by kind. */
  readonly health: () => Readonly<Record<string, ComponentHealth>>;
  /** What an operator should know and what takes no node out of service. */
  readonly advice: () => Readonly<Record<string, ComponentHealth>>;
  /** Of every route of this node. */
  readonly counters: () => readonly CounterStore[];
  readonly spools: () => readonly { state(): Omit<SpoolSeen, 'kind'> }[];
}

/** Metrics of this node, and the management API once an instance asks for it. */
export const createNodeManagement = ({
  log,
  health,
  advice,
  counters,
  spools,
}: NodeManagementOptions): NodeManagement => {
  const followed: { readonly source: PolicySource; readonly place: SnapshotPlace }[] = [];
  const metrics = createMetrics({
    version: packageJson.version,
    now: Date.now,
    sample: () => [...storeHealth(health()), ...followed.flatMap(snapshotSeen), ...spools().map(spoolSeen)],
  });
  const logs = createLogs({
    log: ({ level, message, ...fields }) => log({ ...plain(fields), level, message }),
    records: false,
  });
  const observe = combineObservers([metrics.observe, logs], (error) =>
    log({ level: 'error', message: `observing failed: ${String(error)}` }),
  );
  let server: Promise<ManagementServer | undefined> | undefined;
  const servers = new GovernedServers();
  const start = (settings: ManagementSettings, pins: PinStore): void => {
    server ??= startManagementServer({
      ...settings,
      pins,
      readiness: () => readinessOf(health(), advice()),
      peek: (demands, now) => peekAll(counters(), demands, now),
      limitsLeft: (question, now) => servers.limitsLeft(question, now),
      metrics: async () => ({ contentType: metrics.contentType, body: await metrics.render() }),
      log: ({ level, message }) => log({ level, message }),
    }).then((started) => {
      if (started.ok) return (log({ level: 'info', message: `management API at ${started.value.url}` }), started.value);
      log({ level: 'error', message: started.error });
      return undefined;
    });
  };
  return {
    observe,
    follow: (source, place) => {
      followed.push({ source, place });
      for (const observation of stateSeen(source.current(), place)) observe(observation);
      source.subscribe((state) => {
        for (const observation of stateSeen(state, place)) observe(observation);
      });
    },
    manage: (governed, settings) => {
      if (settings !== undefined) start(settings, governed.pins);
      return servers.join(governed);
    },
    close: async () => {
      await (await server)?.close();
    },
  };
};

const readinessOf = (
  components: Readonly<Record<string, ComponentHealth>>,
  advice: Readonly<Record<string, ComponentHealth>>,
) => ({
  ready: Object.values(components).every(({ ok }) => ok),
  components: { ...components, ...advice },
});

export interface SnapshotPlace {
  readonly source: SnapshotSourceKind;
  readonly location: string;
}

/** What a change of a source's state means to an operator. */
const stateSeen = (state: PolicyState, place: SnapshotPlace): readonly Observation[] => {
  const issues = state.issues.map(({ path, problem }) => `${path}: ${problem}`);
  if (issues.length > 0) return [{ kind: 'snapshot_refused', ...place, issues }];
  const { revision, loadedAt } = state;
  return revision === undefined || loadedAt === undefined
    ? []
    : [{ kind: 'snapshot_loaded', ...place, revision, at: loadedAt }];
};

const snapshotSeen = ({
  source,
  place,
}: {
  readonly source: PolicySource;
  readonly place: SnapshotPlace;
}): readonly Observation[] => {
  const now = Date.now();
  const age = source.current().ageSeconds(now);
  return age === undefined ? [] : [{ kind: 'snapshot_seen', ...place, confirmedAt: now - age * 1000 }];
};

const spoolSeen = (spool: { state(): Omit<SpoolSeen, 'kind'> }): SpoolSeen => ({
  kind: 'spool_seen',
  ...spool.state(),
});

/** Log lines hold plain values; a list is shown as text. */
const plain = (
  fields: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string | number | boolean | undefined>> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string' || value === undefined
        ? value
        : JSON.stringify(value),
    ]),
  );

const isStore = (name: string): name is StoreName => (stores as readonly string[]).includes(name);

const storeHealth = (components: Readonly<Record<string, ComponentHealth>>): readonly Observation[] =>
  Object.entries(components).flatMap(([store, { ok, why = 'unknown' }]) =>
    isStore(store)
      ? [ok ? { kind: 'store_health_seen', store, ok } : { kind: 'store_health_seen', store, ok, why }]
      : [],
  );
