/** Enough to tell an outage from one slow answer; an outage that ended is forgotten when nobody asked for this long. */
const MAX_OUTCOMES = 20;
const REMEMBERED_MS = 30_000;

export type EngineHealth = { readonly ok: boolean; readonly why?: string };

interface Outcome {
  readonly at: number;
  readonly why?: string;
}

/**
 * The last outcomes of an engine, as health: not ok while more than half of them were failures of the engine itself. What
 * a caller can provoke with his arguments (a policy without an answer, a document that is not understood) only leaves a
 * remark, or one caller could take the gateway out of its load balancer.
 */
export class OpaOutcomes {
  private outcomes: readonly Outcome[] = [];
  private lastRemark: string | undefined;

  constructor(private readonly now: () => number) {}

  answered(remark?: string): void {
    this.lastRemark = remark;
    this.keep({ at: this.now() });
  }

  failed(why: string): void {
    this.keep({ at: this.now(), why });
  }

  health(): EngineHealth {
    const recent = this.outcomes.filter(({ at }) => this.now() - at < REMEMBERED_MS);
    const failures = recent.flatMap(({ why }) => (why === undefined ? [] : [why]));
    const last = failures.at(-1);
    if (last !== undefined && failures.length * 2 > recent.length) {
      return { ok: false, why: `${failures.length} of the last ${recent.length} questions failed: ${last}` };
    }
    return this.lastRemark === undefined ? { ok: true } : { ok: true, why: this.lastRemark };
  }

  private keep(outcome: Outcome): void {
    this.outcomes = [...this.outcomes.slice(1 - MAX_OUTCOMES), outcome];
  }
}
