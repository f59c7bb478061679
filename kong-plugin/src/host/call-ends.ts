import { storedRecord } from '../domain/records/build-record.ts';
import { readCarried, type Carried } from '../domain/records/carried.ts';
import type { CounterStore } from '../ports/counter-store.ts';
import type { TaskOwners } from '../ports/task-owners.ts';
import type { GuardOutcome } from './guard-protocol.ts';
import type { PluginObserver } from './plugin-observer.ts';
import { returnUnits } from './return-units.ts';

export interface CallEndsOptions {
  readonly server: string;
  readonly observer: Pick<PluginObserver, 'append'>;
  readonly taskOwners: TaskOwners;
  readonly counters: CounterStore;
  readonly now: () => number;
}

/** What is left to do once a request has ended: its record, the task that it became, and what it took from counters. */
export class CallEnds {
  constructor(private readonly options: CallEndsOptions) {}

  /** Rejects when the record could not be written; the rest is done all the same. */
  async settle(outcome: GuardOutcome): Promise<void> {
    const { server, observer, counters, now } = this.options;
    const { admission } = outcome;
    const carried = admission === undefined ? undefined : readCarried(admission);
    const record = storedRecord(outcome, carried?.admission, { server });
    try {
      observer.append(record, carried?.position);
    } finally {
      const noting = this.noteTask(outcome, carried);
      if (noting !== undefined) await noting;
      const returning = returnUnits(outcome, { carried, store: counters, now: now() });
      if (returning !== undefined) await returning;
    }
  }

  /** Whoever called the tool owns the task that it became. */
  private noteTask(outcome: GuardOutcome, carried: Carried | undefined): Promise<unknown> | undefined {
    if (outcome.task_id === undefined || carried?.owner === undefined) return undefined;
    return this.options.taskOwners.claim(this.options.server, outcome.task_id, carried.owner);
  }
}
