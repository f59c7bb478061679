import { createHash } from 'node:crypto';
import path from 'node:path';
import type {
  CounterSettings,
  ManagementSettings,
  MeteringSettings,
  OpaSettings,
  PinRefreshSettings,
  PolicySettings,
} from '../config/plugin-config.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { parseSnapshot } from '../config/parse-snapshot.ts';
import type { Result } from '../domain/result.ts';
import { success, failure } from '../domain/result.ts';
import type { CounterStore } from '../ports/counter-store.ts';
import type { Metering } from '../ports/metering.ts';
import type { PinStore } from '../ports/pin-store.ts';
import type { PolicyEngine } from '../ports/policy-engine.ts';
import type { PolicySource } from '../ports/policy-source.ts';
import type { RecordSink } from '../ports/record-sink.ts';
import type { Observe } from '../observability/observation.ts';
import type { TaskOwners } from '../ports/task-owners.ts';
import { FilePinStore } from '../stores/file-pin-store.ts';
import { createFileRecordSink } from '../stores/file-record-sink.ts';
import { createMemoryCounterStore } from '../stores/memory-counter-store.ts';
import { createMemoryTaskOwners } from '../stores/memory-task-owners.ts';
import { createOpaHttpEngine } from '../stores/opa-http-engine.ts';
import { createOpaWasmEngine } from '../stores/opa-wasm-engine.ts';
import { createFilePolicySource } from '../stores/policy-source-file.ts';
import { createInlinePolicySource } from '../stores/policy-source-inline.ts';
import { createUrlPolicySource } from '../stores/policy-source-url.ts';
import { createPostgresCounterStore } from '../stores/postgres-counter-store.ts';
import { createRedisCounterStore } from '../stores/redis-counter-store.ts';
import { NodeMetering } from '../shipper/node-metering.ts';
import { createNodeMetering, targetOf } from './node-metering.ts';
import type { Governed } from './governed-servers.ts';
import { createNodeManagement, type ComponentHealth, type NodeManagement } from './node-management.ts';
import type { PinLearner } from './pin-learner.ts';
import { PinRefreshers } from './pin-refreshers.ts';
import { createSharedResources, type Closable } from './shared-resources.ts';
import { nodeSessionKey } from './node-session-key.ts';

export type LogEvent = { readonly level: 'info' | 'warn' | 'error'; readonly message: string } & Readonly<
  Record<string, string | number | boolean | undefined>
>;

/** What the plugin instances of one plugin server share: one store per address, one file per path. */
export interface PluginResources {
  /** The node's own session key, for instances without a configured secret. */
  sessionKey(): string;
  /** Relative paths belong below the Kong prefix. */
  recordSink(file: string): RecordSink;
  /** One spool per folder; the newest settings say where it is shipped to. Throws when the node has no name. */
  metering(settings: MeteringSettings): Metering;
  pinStore(file: string): PinStore;
  counterStore(settings: CounterSettings): CounterStore;
  /** Fails with a sentence for the operator when the settings can never work. */
  policySource(settings: PolicySettings): Result<PolicySource, string>;
  policyEngine(settings: OpaSettings): Result<PolicyEngine, string>;
  readonly taskOwners: TaskOwners;
  /** Lists a server's tools every so often, for the catalog, until the returned function is called. */
  refreshPins(server: string, settings: PinRefreshSettings, learner: PinLearner): () => void;
  /**
   * The management API tells of this configuration until the returned function is called. Settings start it, unless another
   * instance has.
   */
  manage(governed: Governed & { readonly pins: PinStore }, settings?: ManagementSettings): () => void;
  readonly observe: Observe;
  readonly log: (event: LogEvent) => void;
  readonly now: () => number;
  close(): Promise<void>;
}

export const createPluginResources = (options: {
  readonly prefix: string;
  readonly log: PluginResources['log'];
}): PluginResources => {
  const { shared, once, onceIfPossible } = createSharedResources();
  const below = (file: string): string => path.resolve(options.prefix, file);
  const warn = (message: string): void => options.log({ level: 'warn', message });
  const management = createNodeManagement({
    ...options,
    health: () => healthOf(shared),
    advice: () => definedFields({ pin_refresh: refreshers.health() }),
    counters: () => countersIn(shared),
    spools: () => [...shared.values()].filter((resource) => resource instanceof NodeMetering),
  });
  const refreshers = new PinRefreshers({ observe: management.observe, now: Date.now });
  let key: string | undefined;
  return {
    sessionKey: () => (key ??= nodeSessionKey(options.prefix)),
    recordSink: (file) => once(['records', below(file)], () => createFileRecordSink({ file: below(file) })),
    metering: (settings) => {
      const dir = below(settings.dir);
      const spool = once(['spool', dir], () => createNodeMetering(settings, { dir, observe: management.observe }));
      spool.retarget(targetOf(settings));
      return spool;
    },
    pinStore: (file) =>
      once(['pins', below(file)], () => new FilePinStore({ file: below(file), now: Date.now, onProblem: warn })),
    counterStore: (settings) => once(['counters', settings], () => createCounterStore(settings, warn)),
    policySource: (settings) =>
      onceIfPossible(['policy', settings.source, settings.maxAgeSeconds], () =>
        createPolicySource(settings, { below, follow: management.follow }),
      ),
    policyEngine: (settings) =>
      onceIfPossible(['opa', { ...settings, mode: '' }], () => createPolicyEngine(settings, { below, warn })),
    taskOwners: createMemoryTaskOwners({ now: Date.now }),
    refreshPins: (server, settings, learner) => refreshers.join(server, settings, learner),
    manage: management.manage,
    observe: management.observe,
    log: options.log,
    now: Date.now,
    close: async () => {
      refreshers.close();
      await management.close();
      await Promise.allSettled([...shared.values()].map((resource) => resource.close()));
    },
  };
};

const countersIn = (shared: ReadonlyMap<string, Closable>): readonly CounterStore[] =>
  [...shared].flatMap(([name, resource]) => {
    const [kind] = JSON.parse(name) as readonly [string];
    return kind === 'counters' ? [resource as CounterStore] : [];
  });

/** Every store and engine that can say how it is, by kind; the worst of a kind speaks for it. */
const healthOf = (shared: ReadonlyMap<string, Closable>): Readonly<Record<string, ComponentHealth>> => {
  const components: Record<string, ComponentHealth> = {};
  for (const [name, resource] of shared) {
    const [kind] = JSON.parse(name) as readonly [string];
    const health = 'health' in resource ? (resource as { health(): ComponentHealth }).health() : undefined;
    if (health !== undefined && components[kind]?.ok !== false) components[kind] = health;
  }
  return components;
};

const createCounterStore = (
  { store, url = '', deadlineMs }: CounterSettings,
  onNotice: (sentence: string) => void,
): CounterStore => {
  switch (store) {
    case 'memory':
      return createMemoryCounterStore();
    case 'redis':
      return createRedisCounterStore({ urls: [url], deadlineMs, onNotice });
    case 'postgres':
      return createPostgresCounterStore({ url, deadlineMs, onNotice });
  }
};

const createPolicySource = (
  settings: PolicySettings,
  { below, follow }: { readonly below: (file: string) => string; readonly follow: NodeManagement['follow'] },
): Result<PolicySource, string> => {
  const created = openPolicySource(settings, below);
  const { source } = settings;
  const location =
    source.kind === 'inline' ? 'config' : source.kind === 'file' ? source.file : new URL(source.url).host;
  if (created.ok) follow(created.value, { source: source.kind, location });
  return created;
};

/** One per source: two routes with policies of their own must not overwrite each other's last good copy. */
const lastGoodFile = (place: string): string =>
  `mcp-governance/policy-${createHash('sha256').update(place).digest('hex').slice(0, 16)}.last-good`;

const openPolicySource = (
  { source, maxAgeSeconds }: PolicySettings,
  below: (file: string) => string,
): Result<PolicySource, string> => {
  const age = maxAgeSeconds === undefined ? {} : { maxAgeSeconds };
  switch (source.kind) {
    case 'inline': {
      const snapshot = parseSnapshot(source.text);
      if (snapshot.ok) return success(createInlinePolicySource({ snapshot: snapshot.value, now: Date.now }));
      return failure(
        snapshot.error
          .map(
            ({ path: place, problem, suggestion }) =>
              `policy.inline ${place}: ${problem}${suggestion === undefined ? '' : ` (${suggestion})`}`,
          )
          .join('; '),
      );
    }
    case 'file':
      return success(
        createFilePolicySource({
          file: below(source.file),
          parse: parseSnapshot,
          now: Date.now,
          cacheFile: below(lastGoodFile(source.file)),
          ...age,
        }),
      );
    case 'url':
      return createUrlPolicySource({
        url: source.url,
        pollSeconds: source.pollSeconds,
        parse: parseSnapshot,
        now: Date.now,
        cacheFile: below(lastGoodFile(source.url)),
        ...(source.hmacSecret === undefined ? {} : { hmacSecret: source.hmacSecret }),
        ...(source.ed25519PublicKey === undefined ? {} : { ed25519PublicKey: source.ed25519PublicKey }),
        ...(source.token === undefined ? {} : { headers: { authorization: `Bearer ${source.token}` } }),
        ...age,
      });
  }
};

const createPolicyEngine = (
  { engine, path: rule, deadlineMs, cacheSeconds }: OpaSettings,
  { below, warn }: { readonly below: (file: string) => string; readonly warn: (sentence: string) => void },
): Result<PolicyEngine, string> => {
  if (engine.kind === 'wasm')
    return success(createOpaWasmEngine({ file: below(engine.bundle), entrypoint: rule, deadlineMs, report: warn }));
  return createOpaHttpEngine({
    url: engine.url,
    path: rule,
    deadlineMs,
    ...(engine.token === undefined ? {} : { token: engine.token }),
    ...(cacheSeconds === 0 ? {} : { cache: { seconds: cacheSeconds } }),
  });
};
