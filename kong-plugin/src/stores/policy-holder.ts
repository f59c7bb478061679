import type { SnapshotIssue } from '../domain/snapshot/snapshot-issue.ts';
import type { Snapshot } from '../domain/snapshot/snapshot.ts';
import type { PolicySource, PolicyState } from '../ports/policy-source.ts';

export interface HolderOptions {
  readonly maxAgeSeconds?: number;
}

/** What every source shares: the policy in force, when it was last confirmed, and who wants to hear of changes. */
export class PolicyHolder {
  private readonly listeners = new Set<(state: PolicyState) => void>();
  private state: PolicyState;
  private confirmedAt: number | undefined;
  /** The issues of `state` without those of listeners, which would make every report look like a change. */
  private reported: readonly SnapshotIssue[] = [];
  private isClosed = false;

  constructor(private readonly options: HolderOptions = {}) {
    this.state = this.toState({ issues: [] });
  }

  current(): PolicyState {
    return this.state;
  }

  subscribe(listener: (state: PolicyState) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A good document comes into force. */
  accept(snapshot: Snapshot, at: { readonly now: number; readonly confirmedAt?: number }): void {
    if (this.isClosed) return;
    this.confirmedAt = at.confirmedAt ?? at.now;
    this.publish({ snapshot, revision: snapshot.revision, loadedAt: at.now, issues: [] });
  }

  /** The source still offers the document in force. */
  confirm(now: number): void {
    if (this.isClosed || this.state.snapshot === undefined) return;
    this.confirmedAt = now;
  }

  /** What is wrong now; the document in force stays. Listeners hear of it once. */
  report(issues: readonly SnapshotIssue[]): void {
    if (this.isClosed || JSON.stringify(issues) === JSON.stringify(this.reported)) return;
    this.publish({ ...this.state, issues });
  }

  close(): void {
    this.isClosed = true;
    this.listeners.clear();
  }

  private publish(facts: Omit<PolicyState, 'ageSeconds' | 'isStale'>): void {
    this.state = this.toState(facts);
    this.reported = facts.issues;
    const failures: SnapshotIssue[] = [];
    for (const listener of this.listeners) {
      try {
        listener(this.state);
      } catch (error) {
        failures.push({ path: '', problem: `The policy could not be put to use: ${messageOf(error)}.` });
      }
    }
    if (failures.length > 0) this.state = this.toState({ ...facts, issues: [...facts.issues, ...failures] });
  }

  private toState(facts: Omit<PolicyState, 'ageSeconds' | 'isStale'>): PolicyState {
    const ageSeconds = (now: number): number | undefined =>
      this.confirmedAt === undefined ? undefined : Math.max(0, (now - this.confirmedAt) / 1000);
    const { maxAgeSeconds = Infinity } = this.options;
    const isStale = (now: number): boolean => {
      const age = ageSeconds(now);
      return age === undefined || age > maxAgeSeconds;
    };
    return { ...facts, ageSeconds, isStale };
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The part of the port that the holder answers itself. */
export const sourceOf = (
  holder: PolicyHolder,
  own: Pick<PolicySource, 'refresh'> & { readonly close: () => void | Promise<void> },
): PolicySource => ({
  current: () => holder.current(),
  subscribe: (listener) => holder.subscribe(listener),
  refresh: own.refresh,
  close: async () => {
    holder.close();
    await own.close();
  },
});
