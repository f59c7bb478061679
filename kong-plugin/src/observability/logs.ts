import { recordIn } from '../domain/records/stored-record.ts';
import { telemetryAttributes } from '../domain/records/telemetry-attributes.ts';
import type { ObservationKind, Observe } from './observation.ts';
import { observeWith, type Handlers } from './observers.ts';

/** One structured log line before it is written; the shape of `PluginResources.log`. */
export interface LogEvent {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly [key: string]: unknown;
}

export interface LogsOptions {
  readonly log: (event: LogEvent) => void;
  /** One line per record, under the names of OpenTelemetry's conventions for MCP; never the arguments. */
  readonly records: boolean;
}

/** A refused policy may have thousands of issues; an operator fixes the first of them first. */
const MAX_ISSUES = 20;

const silent = (): void => undefined;

/** Observations as log lines: what an operator has to know or do. What only a graph can tell is left to the metrics. */
export const createLogs = ({ log, records }: LogsOptions): Observe => {
  const troubles = createTroubles();
  return observeWith({
    decision_made: silent,
    stage_timed: silent,
    record_queue_seen: silent,
    event_table_seen: silent,
    snapshot_seen: silent,
    shadow_denied: ({ server, rule, reason, tool }) =>
      log({ level: 'info', message: 'a shadow rule would have refused this call', ...{ server, rule, reason, tool } }),
    store_health_seen: (seen) => {
      const { store } = seen;
      if (seen.ok) {
        if (troubles.ends(store)) log({ level: 'info', message: 'a store is back', store });
      } else if (!troubles.has(store)) {
        troubles.begins(store, seen.why);
        log({ level: 'error', message: 'a store is away', store, why: seen.why });
      }
    },
    limit_bypassed: ({ server, rule }) =>
      log({
        level: 'warn',
        message: 'a call passed uncounted: the counter store is away and the limit says so',
        ...{ server, rule },
      }),
    ...snapshotHandlers(log, troubles),
    record_written: ({ record }) => {
      if (records) log({ level: 'info', message: 'governed request', ...telemetryAttributes(recordIn(record)) });
    },
    record_failed: ({ server, why }) => log({ level: 'error', message: 'a record is lost', ...{ server, why } }),
    ...spoolHandlers(log, troubles),
    guard_refused: ({ server, why }) =>
      log({ level: 'warn', message: 'mcp-guard refused a request', ...{ server, why } }),
    list_withheld: ({ server, why }) => log({ level: 'error', message: 'list withheld', ...{ server, why } }),
    opa_answered: ({ server, result, why }) => {
      if (result === 'failed') log({ level: 'error', message: 'OPA did not answer: the call is refused', server, why });
    },
    pins_listed: ({ server, ok, why = 'unknown' }) => {
      const about = `tools of ${server}`;
      if (ok && troubles.ends(about)) log({ level: 'info', message: "a server's tools can be listed again", server });
      if (!ok && troubles.begins(about, why))
        log({ level: 'warn', message: "a server's tools cannot be listed; what is known of them stays", server, why });
    },
    pin_changed: ({ server, tool, state }) =>
      log({
        level: state === 'changed' ? 'warn' : 'info',
        message: "a tool's pin changed",
        ...{ server, tool, state },
      }),
  });
};

type SnapshotKind = 'snapshot_loaded' | 'snapshot_confirmed' | 'snapshot_refused' | 'snapshot_unavailable';

const snapshotHandlers = (log: LogsOptions['log'], troubles: Troubles): Pick<Handlers, SnapshotKind> => ({
  snapshot_loaded: ({ source, location, revision }) => {
    troubles.ends(location);
    log({ level: 'info', message: 'policy loaded', ...{ source, location, revision } });
  },
  snapshot_confirmed: ({ source, location }) => {
    if (troubles.ends(location)) log({ level: 'info', message: 'policy source is fine again', source, location });
  },
  snapshot_refused: ({ source, location, issues }) => {
    if (!troubles.begins(location, issues.join('\n'))) return;
    log({
      level: 'error',
      message: 'policy refused; the one before stays in force',
      ...{ source, location },
      issues: issues.slice(0, MAX_ISSUES),
      issueCount: issues.length,
    });
  },
  snapshot_unavailable: ({ source, location, why }) => {
    if (!troubles.begins(location, why)) return;
    log({ level: 'error', message: 'policy source cannot be read', ...{ source, location, why } });
  },
});

type SpoolKind = Extract<ObservationKind, `spool_${string}` | 'events_shipped' | 'event_set_aside' | 'shipping_failed'>;

/** The ledger, among the troubles. */
const LEDGER = 'ledger';

const spoolHandlers = (log: LogsOptions['log'], troubles: Troubles): Pick<Handlers, SpoolKind> => ({
  spool_committed: silent,
  spool_seen: silent,
  // `record_failed` tells it with the record's id.
  spool_unrecorded: silent,
  spool_unsettled: ({ calls }) =>
    log({ level: 'warn', message: 'calls whose end was never heard of are recorded as unknown', calls }),
  spool_damaged: ({ segment, bytes, isLost }) =>
    log({
      level: 'error',
      message: isLost === true ? 'a damaged line of the spool is lost' : 'a damaged line of the spool was set aside',
      ...{ segment, bytes },
    }),
  spool_noted: ({ level, note }) => log({ level, message: note }),
  events_shipped: ({ quarantined }) => {
    if (troubles.ends(LEDGER)) log({ level: 'info', message: 'the ledger takes records again' });
    if (quarantined.length > 0)
      log({
        level: 'error',
        message: 'the ledger quarantined records',
        count: quarantined.length,
        records: quarantined.slice(0, MAX_ISSUES).map(({ id, reason }) => `${id}: ${reason}`),
      });
  },
  event_set_aside: ({ id, sequence, reason }) =>
    log({ level: 'error', message: 'the ledger refuses a record, which was set aside', ...{ id, sequence, reason } }),
  shipping_failed: ({ cause, why }) => {
    if (!troubles.begins(LEDGER, `${cause}: ${why}`)) return;
    log({
      level: cause === 'away' ? 'warn' : 'error',
      message: 'records are not shipped; they wait on the disk',
      ...{ cause, why },
    });
  },
});

/** What is wrong now. A source is polled every other second: the same trouble is told once, and so is its end. */
interface Troubles {
  has(about: string): boolean;
  /** False when the same was known before. */
  begins(about: string, what: string): boolean;
  /** False when there was none. */
  ends(about: string): boolean;
}

const createTroubles = (): Troubles => {
  const known = new Map<string, string>();
  return {
    has: (about) => known.has(about),
    begins: (about, what) => {
      if (known.get(about) === what) return false;
      known.set(about, what);
      return true;
    },
    ends: (about) => known.delete(about),
  };
};
