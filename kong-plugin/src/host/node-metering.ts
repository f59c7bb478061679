import type { MeteringSettings } from '../config/plugin-config.ts';
import type { Observe } from '../observability/observation.ts';
import { NodeMetering, type MeteringTarget, type NodeMeteringOptions } from '../shipper/node-metering.ts';
import type { ShipperEvent } from '../shipper/shipper.ts';
import type { SpoolFinding } from '../spool/spool-reader.ts';

/** The spool of a folder, told to metrics and logs. */
export const createNodeMetering = (
  settings: MeteringSettings,
  { dir, observe }: { readonly dir: string; readonly observe: Observe },
): NodeMetering =>
  new NodeMetering({
    ...targetOf(settings),
    dir,
    settleTimeoutSeconds: settings.settleTimeoutSeconds,
    ...(settings.nodeId === undefined ? {} : { nodeId: settings.nodeId }),
    ...observers(observe),
  });

export const targetOf = ({ url, token, maxBytes }: MeteringSettings): MeteringTarget => ({ url, token, maxBytes });

type Observers = Pick<
  NodeMeteringOptions,
  'onCommit' | 'onHealth' | 'onUnrecorded' | 'onFinding' | 'onShipping' | 'onLossyRuns'
>;

const observers = (observe: Observe): Observers => ({
  onCommit: ({ seconds }) => observe({ kind: 'spool_committed', seconds }),
  onHealth: (health) => observe({ kind: 'store_health_seen', store: 'spool', ...health }),
  onUnrecorded: () => observe({ kind: 'spool_unrecorded' }),
  onFinding: (finding) => find(finding, observe),
  onShipping: (event) => ship(event, observe),
  onLossyRuns: (runs) => {
    for (const { file, count } of runs)
      observe({
        kind: 'spool_noted',
        level: 'warn',
        note: `an earlier run could not store ${count ?? 'some'} records; ${file} says which. Delete it when you have read it.`,
      });
  },
});

const find = (finding: SpoolFinding, observe: Observe): void => {
  switch (finding.kind) {
    case 'damaged':
      return observe(
        finding.isKept
          ? { kind: 'spool_damaged', ...place(finding) }
          : { kind: 'spool_damaged', ...place(finding), isLost: true },
      );
    case 'unsettled':
      return observe({ kind: 'spool_unsettled', calls: finding.calls });
    case 'torn':
      return observe({
        kind: 'spool_noted',
        level: 'info',
        note: `an earlier run ended in the middle of a write: ${finding.bytes} bytes at the end of ${finding.segment} were cut off`,
      });
    case 'unreadable':
      return observe({
        kind: 'spool_noted',
        level: 'error',
        note: `${finding.segment} cannot be read: ${finding.why}`,
      });
    case 'no_cursor':
      return observe({
        kind: 'spool_noted',
        level: 'warn',
        note: `what the ledger has could not be written down (${finding.why}); after a restart it is sent again`,
      });
  }
};

const place = ({ segment, bytes }: { readonly segment: string; readonly bytes: number }) => ({ segment, bytes });

const ship = (event: ShipperEvent, observe: Observe): void => {
  switch (event.kind) {
    case 'stored':
      return observe({ kind: 'events_shipped', ...event.receipt });
    case 'set_aside':
      return observe({ kind: 'event_set_aside', id: event.id, sequence: event.sequence, reason: event.reason });
    case 'failed':
      return observe({ kind: 'shipping_failed', cause: event.cause, why: event.why });
  }
};
