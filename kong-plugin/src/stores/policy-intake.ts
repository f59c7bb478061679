import { createHash } from 'node:crypto';
import type { Result } from '../domain/result.ts';
import { failure } from '../domain/result.ts';
import type { SnapshotIssue } from '../domain/snapshot/snapshot-issue.ts';
import type { Snapshot } from '../domain/snapshot/snapshot.ts';
import type { KeptPolicy, LastGoodPolicy } from './last-good-policy.ts';
import { messageOf, PolicyHolder } from './policy-holder.ts';

/** `config/parse-snapshot.ts`; handed in, because stores know nothing of configurations. */
export type ParsePolicy = (text: string) => Result<Snapshot, readonly SnapshotIssue[]>;

export interface IntakeOptions {
  readonly parse: ParsePolicy;
  readonly now: () => number;
  readonly maxAgeSeconds?: number;
  readonly lastGood?: LastGoodPolicy;
  /** Why a document must not be believed, before it is read. */
  readonly distrust?: (policy: KeptPolicy) => string | undefined;
}

/** The kept copy's time is renewed this often: often enough for an age in seconds, seldom enough for a disk. */
const CONFIRM_MILLISECONDS = 10_000;

/** Takes what a source offers: trusts, reads, puts into force, keeps a copy; or says what is wrong with it. */
export class PolicyIntake {
  readonly holder: PolicyHolder;
  private offered: { readonly digest: string; readonly issues: readonly SnapshotIssue[] } | undefined;
  private unsaved: KeptPolicy | undefined;
  private confirmedCopyAt = 0;

  constructor(private readonly options: IntakeOptions) {
    this.holder = new PolicyHolder(options.maxAgeSeconds === undefined ? {} : { maxAgeSeconds: options.maxAgeSeconds });
  }

  /** In force, or refused, when this returns; kept on disk when the promise resolves. */
  async offer(policy: KeptPolicy): Promise<void> {
    const digest = digestOf(policy);
    if (digest === this.offered?.digest) return this.repeat();
    const read = this.read(policy);
    this.offered = { digest, issues: read.ok ? [] : read.error };
    if (!read.ok) return this.holder.report(read.error);
    this.holder.accept(read.value, { now: this.options.now() });
    this.unsaved = policy;
    await this.keep();
  }

  /** The source offers what it offered last. */
  async repeat(): Promise<void> {
    if (this.offered === undefined) return;
    if (this.offered.issues.length > 0) return this.holder.report(this.offered.issues);
    this.holder.confirm(this.options.now());
    await this.keep();
  }

  /** What was offered last is in force. */
  get isInForce(): boolean {
    return this.offered?.issues.length === 0;
  }

  /** The source offers nothing that could be read. */
  fail(problem: string): void {
    this.holder.report(refused(problem));
  }

  /** A look at the source; an error in it is an issue, and the next look comes all the same. */
  async guard(look: () => Promise<void>): Promise<void> {
    try {
      await look();
    } catch (error) {
      this.fail(`The policy could not be looked at: ${messageOf(error)}.`);
    }
  }

  /** Puts the kept copy into force while there is nothing better. Its own age counts, not that of this start. */
  restore(origin: string): KeptPolicy | undefined {
    const now = this.options.now();
    const found = this.options.lastGood?.load(now);
    if (found === undefined || found.policy.origin !== origin) return undefined;
    const read = this.read(found.policy);
    if (!read.ok) return undefined;
    const { issues } = this.holder.current();
    this.holder.accept(read.value, { now, confirmedAt: found.confirmedAt });
    this.holder.report(issues);
    // So that a source which answers "unchanged" to the copy's ETag confirms it.
    this.offered ??= { digest: digestOf(found.policy), issues: [] };
    return found.policy;
  }

  private read(policy: KeptPolicy): Result<Snapshot, readonly SnapshotIssue[]> {
    const why = this.options.distrust?.(policy);
    if (why !== undefined) return failure(refused(why));
    const text = decode(policy.bytes);
    return text === undefined ? failure(refused('The policy is not valid UTF-8.')) : this.options.parse(text);
  }

  /** A copy that cannot be written is reported; the policy is in force all the same. */
  private async keep(): Promise<void> {
    const { lastGood, now } = this.options;
    try {
      if (this.unsaved !== undefined) await lastGood?.save(this.unsaved);
      else if (now() - this.confirmedCopyAt >= CONFIRM_MILLISECONDS) await lastGood?.confirm(now());
      else return this.holder.report([]);
      this.unsaved = undefined;
      this.confirmedCopyAt = now();
      this.holder.report([]);
    } catch (error) {
      this.fail(`The last good policy cannot be kept: ${messageOf(error)}.`);
    }
  }
}

const refused = (problem: string): readonly SnapshotIssue[] => [{ path: '', problem }];

/** The signature is part of it: a document that was signed wrongly may be offered again, signed rightly. */
const digestOf = ({ bytes, signature = '' }: KeptPolicy): string =>
  createHash('sha256').update(bytes).update(signature).digest('hex');

/** Strict: a replaced character would make two names one. */
const decode = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};
