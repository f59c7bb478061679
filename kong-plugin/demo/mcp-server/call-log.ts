/** What became of a tool call that reached the server. `input_required` is a finished round of a call that is not over. */
export type CallOutcome = 'running' | 'ok' | 'tool_error' | 'input_required' | 'cancelled' | 'failed';

export interface RecordedCall {
  readonly tool: string;
  readonly arguments: unknown;
  readonly era: 'legacy' | 'modern';
  readonly outcome: CallOutcome;
}

type MutableCall = { -readonly [Key in keyof RecordedCall]: RecordedCall[Key] };

/** A benchmark makes millions of calls; tests look at a handful. The totals below go on counting past it. */
const KEPT_CALLS = 10_000;

/** Every tool call that was executed here: the proof that a call the gateway denied never arrived. */
export class CallLog {
  readonly #calls: MutableCall[] = [];
  readonly #totals = new Map<string, number>();

  get calls(): readonly RecordedCall[] {
    return this.#calls;
  }

  /** Executions since the start, of one tool or of all; unlike `calls` it is never trimmed. */
  count(tool?: string): number {
    if (tool !== undefined) return this.#totals.get(tool) ?? 0;
    return [...this.#totals.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Notes the start of a call and returns the function that notes its end. */
  start(call: Omit<RecordedCall, 'outcome'>): (outcome: CallOutcome) => void {
    const record: MutableCall = { ...call, outcome: 'running' };
    this.#calls.push(record);
    this.#totals.set(call.tool, this.count(call.tool) + 1);
    // Trimming half at a time keeps it cheap per call.
    if (this.#calls.length > KEPT_CALLS) this.#calls.splice(0, KEPT_CALLS / 2);
    return (outcome) => {
      record.outcome = outcome;
    };
  }
}
