import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { createBoundedLabel } from './bounded-label.ts';
import { metricDefinitions, type MetricDefinition, type MetricKey } from './metric-definitions.ts';
import type { Observation, ObservationKind, Observe } from './observation.ts';
import { observeWith, type Handlers } from './observers.ts';
import { createSnapshotAges, type SnapshotAges } from './snapshot-ages.ts';

export interface MetricsOptions {
  readonly version: string;
  /** Milliseconds since the epoch; the age of a snapshot is computed at each scrape. */
  readonly now: () => number;
  /** What is a state and not an event (queues, health, table sizes): asked at each scrape. */
  readonly sample?: () => readonly Observation[];
  /** CPU, memory, event loop and garbage collection of this process; on unless false. */
  readonly processMetrics?: boolean;
}

export interface Metrics {
  readonly observe: Observe;
  /** `Content-Type` of what `render` gives. */
  readonly contentType: string;
  /** The text of `/metrics`. */
  render(): Promise<string>;
}

/** A hundred servers behind one gateway are many; their series with 45 reasons each are still a small scrape. */
const MAX_SERVERS = 100;
/** Outcomes and the guard's reasons are closed lists of about a dozen, made in Lua. */
const MAX_OUTCOMES = 24;

/** Observations as Prometheus metrics. */
export const createMetrics = (options: MetricsOptions): Metrics => {
  const registry = new Registry();
  if (options.processMetrics !== false) collectDefaultMetrics({ register: registry });
  const meters = createMeters(registry);
  meters.build.set({ version: options.version }, 1);
  const ages = createSnapshotAges();
  const observe = createObserver(meters, ages);
  return {
    observe,
    contentType: registry.contentType,
    render: async () => {
      for (const observation of options.sample?.() ?? []) observe(observation);
      for (const { source, ageSeconds } of ages.at(options.now())) meters.snapshotAge.set({ source }, ageSeconds);
      return registry.metrics();
    },
  };
};

type Meter<Definition extends MetricDefinition> = Definition['type'] extends 'counter'
  ? Counter<Definition['labels'][number]>
  : Definition['type'] extends 'gauge'
    ? Gauge<Definition['labels'][number]>
    : Histogram<Definition['labels'][number]>;

type Meters = { readonly [Key in MetricKey]: Meter<(typeof metricDefinitions)[Key]> };

const createMeters = (registry: Registry): Meters =>
  // Each key's meter is made from that key's definition, which `fromEntries` forgets.
  Object.fromEntries(
    Object.entries(metricDefinitions).map(([key, definition]) => [key, createMeter(definition, registry)]),
  ) as unknown as Meters;

const createMeter = (definition: MetricDefinition, registry: Registry): Counter | Gauge | Histogram => {
  const { name, help, labels, type, buckets = [] } = definition;
  const common = { name, help, labelNames: [...labels], registers: [registry] };
  if (type === 'counter') return new Counter(common);
  return type === 'gauge' ? new Gauge(common) : new Histogram({ ...common, buckets: [...buckets] });
};

const createObserver = (meters: Meters, ages: SnapshotAges): Observe => {
  const serverLabel = createBoundedLabel(MAX_SERVERS);
  const outcomeLabel = createBoundedLabel(MAX_OUTCOMES);
  const whyLabel = createBoundedLabel(MAX_OUTCOMES);
  const away = new Set<string>();
  return observeWith({
    decision_made: ({ server, effect, reason }) =>
      meters.decisions.inc({ server: serverLabel(server), reason: effect === 'allow' ? 'allowed' : reasonOf(reason) }),
    shadow_denied: ({ server, reason }) => meters.shadowDenials.inc({ server: serverLabel(server), reason }),
    stage_timed: ({ stage, seconds }) => meters.stageDuration.observe({ stage }, seconds),
    store_health_seen: ({ store, ok }) => {
      meters.storeUp.set({ store }, ok ? 1 : 0);
      if (ok) away.delete(store);
      else if (!away.has(store)) {
        away.add(store);
        meters.storeOutages.inc({ store });
      }
    },
    limit_bypassed: ({ server }) => meters.limitBypasses.inc({ server: serverLabel(server) }),
    snapshot_loaded: ({ source, location, at }) => {
      ages.confirm({ source, location, at });
      meters.snapshotLoaded.set({ source }, at / 1000);
      meters.snapshotReads.inc({ source, result: 'loaded' });
    },
    snapshot_confirmed: ({ source, location, at }) => {
      ages.confirm({ source, location, at });
      meters.snapshotReads.inc({ source, result: 'confirmed' });
    },
    snapshot_seen: ({ source, location, confirmedAt }) => ages.confirm({ source, location, at: confirmedAt }),
    snapshot_refused: ({ source }) => meters.snapshotReads.inc({ source, result: 'refused' }),
    snapshot_unavailable: ({ source }) => meters.snapshotReads.inc({ source, result: 'unavailable' }),
    record_written: ({ record }) => {
      const server = serverLabel(record.server);
      meters.recordsWritten.inc({ server });
      meters.outcomes.inc({ server, outcome: outcomeLabel(record.outcome) });
    },
    record_failed: ({ server }) => meters.recordsFailed.inc({ server: serverLabel(server) }),
    record_queue_seen: ({ records, bytes }) => {
      meters.recordsQueued.set(records);
      meters.recordsQueuedBytes.set(bytes);
    },
    ...spoolHandlers(meters),
    guard_refused: ({ server, why }) => meters.guardRefusals.inc({ server: serverLabel(server), why: whyLabel(why) }),
    list_withheld: ({ server }) => meters.listsWithheld.inc({ server: serverLabel(server) }),
    opa_answered: ({ server, result }) => meters.opaAnswers.inc({ server: serverLabel(server), result }),
    pins_listed: ({ server, ok }) =>
      meters.pinLists.inc({ server: serverLabel(server), result: ok ? 'listed' : 'failed' }),
    pin_changed: ({ server, state }) => meters.pinChanges.inc({ server: serverLabel(server), state }),
    event_table_seen: ({ size }) => meters.openEvents.set(size),
  });
};

type SpoolKind = Extract<ObservationKind, `spool_${string}` | `event${string}` | 'shipping_failed'>;

const spoolHandlers = (meters: Meters): Pick<Handlers, Exclude<SpoolKind, 'event_table_seen'>> => ({
  spool_committed: ({ seconds }) => meters.spoolCommitDuration.observe(seconds),
  spool_seen: ({ bytes, waitingRecords, openIntents, oldestWaitingSeconds }) => {
    meters.spoolBytes.set(bytes);
    meters.spoolWaitingRecords.set(waitingRecords);
    meters.spoolOpenIntents.set(openIntents);
    meters.spoolOldestWaiting.set(oldestWaitingSeconds);
  },
  spool_unrecorded: () => meters.spoolUnrecorded.inc(),
  spool_unsettled: ({ calls }) => meters.spoolUnsettled.inc(calls),
  spool_damaged: () => meters.spoolDamaged.inc(),
  spool_noted: () => undefined,
  events_shipped: ({ accepted, duplicate, quarantined }) => {
    meters.shippedEvents.inc({ result: 'accepted' }, accepted);
    meters.shippedEvents.inc({ result: 'duplicate' }, duplicate);
    meters.shippedEvents.inc({ result: 'quarantined' }, quarantined.length);
  },
  event_set_aside: () => meters.shippedEvents.inc({ result: 'set_aside' }),
  shipping_failed: ({ cause }) => meters.shippingFailures.inc({ cause }),
});

/** A denial always has a reason; one that lost it must still be counted as a denial. */
const reasonOf = (reason: string | undefined): string => reason ?? 'unknown';
