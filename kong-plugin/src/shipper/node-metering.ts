import path from 'node:path';
import type { NodePosition } from '../domain/records/invocation-event.ts';
import type { StoredRecord } from '../domain/records/stored-record.ts';
import type { Intended, Metering } from '../ports/metering.ts';
import type { SinkHealth } from '../ports/record-sink.ts';
import { listSegments, type OpenFile } from '../spool/directory.ts';
import { KnownRuns } from '../spool/known-runs.ts';
import { createEpoch, keptNodeId } from '../spool/node-identity.ts';
import { markedEpochs, RunMark } from '../spool/run-mark.ts';
import type { CommitObserver } from '../spool/segment-writer.ts';
import { Spool } from '../spool/spool.ts';
import type { SpoolLimits } from '../spool/spool-limits.ts';
import { SpoolReader, type SpoolFinding } from '../spool/spool-reader.ts';
import { sweep, type LossyRun } from '../spool/sweep.ts';
import type { ShipTarget } from './post-batch.ts';
import { Shipper, type ShipperEvent, type ShipperLimits } from './shipper.ts';

/** What may change while it runs. */
export interface MeteringTarget extends ShipTarget {
  readonly maxBytes: number;
}

export interface NodeMeteringOptions extends MeteringTarget, Pick<CommitObserver, 'onCommit'> {
  readonly dir: string;
  /** Undefined: the node's own name, kept beside `dir`. */
  readonly nodeId?: string;
  readonly settleTimeoutSeconds: number;
  /** Records can no longer be stored, or can again. */
  readonly onHealth?: (health: SinkHealth) => void;
  readonly onUnrecorded?: () => void;
  readonly onFinding?: (finding: SpoolFinding) => void;
  readonly onShipping?: (event: ShipperEvent) => void;
  /** Earlier runs could not store everything. */
  readonly onLossyRuns?: (runs: readonly LossyRun[]) => void;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly open?: OpenFile;
  readonly spoolLimits?: Partial<SpoolLimits>;
  readonly shipperLimits?: Partial<ShipperLimits>;
}

/** What metrics show. */
export interface MeteringState {
  readonly bytes: number;
  readonly waitingRecords: number;
  readonly openIntents: number;
  /** Of the oldest record that the ledger does not have; 0 when it has all. */
  readonly oldestWaitingSeconds: number;
}

/** The spool of one node and what carries it to the ledger. Throws when the node's name can neither be read nor kept. */
export class NodeMetering implements Metering {
  private readonly spool: Spool;
  private readonly reader: SpoolReader;
  private readonly shipper: Shipper;
  private readonly mark: RunMark;
  private readonly runs: KnownRuns;
  private readonly now: () => number;
  private target: MeteringTarget;
  private isHealthy = true;
  private isLeading = false;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: NodeMeteringOptions) {
    const { dir, now = Date.now, random = Math.random } = options;
    const nodeId = options.nodeId ?? keptNodeId(path.join(dir, 'node-id'));
    const epoch = createEpoch(now());
    this.now = now;
    this.target = options;
    this.mark = new RunMark(dir, epoch);
    this.runs = new KnownRuns(dir, epoch);
    this.spool = new Spool({
      ...options,
      ...{ nodeId, epoch, now },
      claim: () => this.mark.set(),
      ...(options.spoolLimits === undefined ? {} : { limits: options.spoolLimits }),
      onProblem: () => this.noteHealth(),
      onCommit: (commit) => {
        options.onCommit?.(commit);
        if (commit.records > 0) this.shipper.notify();
      },
    });
    this.reader = new SpoolReader({
      ...{ dir, epoch, now, runs: this.runs },
      settleTimeoutMs: options.settleTimeoutSeconds * 1000,
      openSegment: () => this.spool.openSegment,
      committedOwn: () => this.spool.state().committedRecords,
      keep: (intents) => this.spool.keep(intents),
      onReleased: () => this.spool.released(),
      ...(options.onFinding === undefined ? {} : { onFinding: options.onFinding }),
    });
    this.shipper = new Shipper({
      ...{ dir, now, random, reader: this.reader },
      leads: () => this.leads(),
      target: () => this.target,
      ...(options.onShipping === undefined ? {} : { onEvent: options.onShipping }),
      ...(options.shipperLimits === undefined ? {} : { limits: options.shipperLimits }),
    });
    this.shipper.start();
  }

  /** A configuration that came later: the newest counts. */
  retarget(target: MeteringTarget): void {
    const isNew = target.url !== this.target.url || target.token !== this.target.token;
    this.target = target;
    this.spool.setBound(target.maxBytes);
    if (isNew) this.shipper.retry();
  }

  intend(record: StoredRecord): Promise<Intended> {
    return this.spool.intend(record);
  }

  append(record: StoredRecord, position?: NodePosition): void {
    try {
      this.spool.append(record, position);
    } finally {
      this.noteHealth();
    }
  }

  /** A ledger that is away is no harm while there is room: it is said, and calls go on. */
  health(): SinkHealth & { readonly why?: string } {
    const health = this.spool.health();
    const { problem } = this.shipper;
    return health.ok && problem !== undefined ? { ok: true, why: `nothing is shipped: ${problem}` } : health;
  }

  state(): MeteringState {
    const { bytes } = this.spool.state();
    const { records, intents } = this.reader.waiting();
    const { oldestAt } = this.shipper;
    return {
      bytes,
      waitingRecords: records,
      openIntents: intents,
      oldestWaitingSeconds: oldestAt === undefined ? 0 : Math.max(0, this.now() - oldestAt) / 1000,
    };
  }

  flush(): Promise<void> {
    return this.spool.flush();
  }

  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private noteHealth(): void {
    const health = this.spool.health();
    if (health.ok === this.isHealthy) return;
    this.isHealthy = health.ok;
    this.options.onHealth?.(health);
  }

  private async finish(): Promise<void> {
    try {
      await this.spool.flush();
    } finally {
      await this.shipper.close();
      await this.spool.close().finally(() => this.mark.clear());
    }
  }

  private async leads(): Promise<boolean> {
    if (this.isLeading) return true;
    const { dir } = this.options;
    const segments = await listSegments(dir);
    await this.runs.look([...segments.map(({ epoch }) => epoch), ...(await markedEpochs(dir))]);
    this.isLeading = this.runs.isOldest();
    if (!this.isLeading) return false;
    const lossy = await sweep(dir, this.runs);
    if (lossy.length > 0) this.options.onLossyRuns?.(lossy);
    return true;
  }
}
