import { Buffer } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { isJsonObject } from '../domain/json/json-value.ts';
import { readJson } from '../domain/json/read-json.ts';
import type { OpaInput, OpaResult } from '../domain/opa/opa-decision.ts';
import { opaInputJson } from '../domain/opa/opa-input-json.ts';
import { readOpaResult } from '../domain/opa/read-opa-result.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { PolicyEngine } from '../ports/policy-engine.ts';
import { readOpaBundle, type OpaBundle } from './opa-bundle.ts';
import { OpaOutcomes } from './opa-outcomes.ts';
import { loadWasmPolicy, type WasmPolicy } from './opa-wasm-policy.ts';

export interface OpaWasmOptions {
  /** A `bundle.tar.gz` of `opa build -t wasm`, or a `policy.wasm`. */
  readonly file: string;
  /** The rule that is asked, as given to `opa build -e`: `mcp/governance/decision`. */
  readonly entrypoint: string;
  /** JSON document that takes the place of the bundle's data. */
  readonly dataFile?: string;
  /** An answer that took longer is not used. The evaluation itself cannot be interrupted. */
  readonly deadlineMs?: number;
  /** Evaluation time grows with the input: this bounds it. */
  readonly maxInputBytes?: number;
  readonly maxMemoryBytes?: number;
  /** How often the files are looked at; 0 never. */
  readonly reloadMs?: number;
  /** Milliseconds of a clock that is never set back. */
  readonly now?: () => number;
  /** Hears, in a sentence, about every policy that was loaded or refused. */
  readonly report?: (sentence: string) => void;
}

export interface OpaWasmEngine extends PolicyEngine {
  /** Looks at the files now. The first look has begun when the engine is made. */
  refresh(): Promise<void>;
}

const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_DATA_DEPTH = 64;

/**
 * Runs a policy in this process. Until the first policy is loaded every question fails. A file that cannot be loaded is
 * refused whole, and the policy before it stays in force.
 */
export const createOpaWasmEngine = (options: OpaWasmOptions): OpaWasmEngine => new WasmEngine(options);

class WasmEngine implements OpaWasmEngine {
  private readonly now: () => number;
  private readonly outcomes: OpaOutcomes;
  private policy: WasmPolicy | undefined;
  /** Why the files as they are now are not the policy in force. */
  private problem: string | undefined;
  private seen: string | undefined;
  private refreshing: Promise<void> | undefined;
  private readonly timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(private readonly options: OpaWasmOptions) {
    this.now = options.now ?? (() => performance.now());
    this.outcomes = new OpaOutcomes(this.now);
    void this.refresh();
    const { reloadMs = 1_000 } = options;
    if (reloadMs > 0) this.timer = setInterval(() => void this.refresh(), reloadMs).unref();
  }

  async decide(input: OpaInput): Promise<Result<OpaResult, string>> {
    if (this.isClosed) return failure(this.sentence('is not asked any more: the engine is closed'));
    if (this.policy === undefined) return failure(this.sentence(this.problem ?? 'is not loaded yet'));
    const text = Buffer.from(opaInputJson(input));
    const { maxInputBytes = 1024 * 1024 } = this.options;
    if (text.length > maxInputBytes) {
      return failure(
        this.sentence(`was not asked: the input has ${text.length} bytes, at most ${maxInputBytes} are sent`),
      );
    }
    return this.evaluate(this.policy, text);
  }

  health(): { readonly ok: boolean; readonly why?: string } {
    if (this.isClosed) return { ok: false, why: this.sentence('is not asked: closed') };
    if (this.policy === undefined) return { ok: false, why: this.sentence(this.problem ?? 'is not loaded yet') };
    const health = this.outcomes.health();
    return health.ok && this.problem !== undefined ? { ok: true, why: this.sentence(this.problem) } : health;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.timer);
    await this.refreshing;
    this.policy = undefined;
  }

  async refresh(): Promise<void> {
    this.refreshing ??= this.look().finally(() => {
      this.refreshing = undefined;
    });
    await this.refreshing;
  }

  private evaluate(policy: WasmPolicy, text: Uint8Array): Result<OpaResult, string> {
    const { deadlineMs = 50 } = this.options;
    const startedAt = this.now();
    const document = policy.evaluate(text);
    const tookMs = this.now() - startedAt;
    if (tookMs > deadlineMs) {
      const sentence = this.sentence(`took ${Math.round(tookMs)} ms, which is longer than its ${deadlineMs} ms`);
      this.outcomes.failed(sentence);
      return failure(sentence);
    }
    const result = document.ok ? readOpaResult(document.value) : document;
    if (!result.ok) {
      const sentence = this.sentence(`could not decide: ${result.error}`);
      this.outcomes.answered(sentence);
      return failure(sentence);
    }
    const isUndefined = document.ok && document.value === undefined;
    this.outcomes.answered(isUndefined ? this.sentence('holds no decision (undefined), which denies') : undefined);
    return result;
  }

  private async look(): Promise<void> {
    const files = [this.options.file, ...(this.options.dataFile === undefined ? [] : [this.options.dataFile])];
    const seen = await printOf(files);
    // A file that is being written changes again, and is then read again.
    if (seen === this.seen || this.isClosed) return;
    this.seen = seen;
    const loaded = await this.load();
    if (this.isClosed) return;
    if (loaded.ok) {
      this.policy = loaded.value;
      this.problem = undefined;
      this.options.report?.(this.sentence('is in force'));
      return;
    }
    const stays = this.policy === undefined ? '' : '; the one before stays in force';
    this.problem = `was refused: ${loaded.error}${stays}`;
    this.options.report?.(this.sentence(this.problem));
  }

  private async load(): Promise<Result<WasmPolicy, string>> {
    const { entrypoint, dataFile, maxMemoryBytes = 256 * 1024 * 1024 } = this.options;
    const bundle = await readPolicyFile(this.options.file);
    if (!bundle.ok) return bundle;
    const data = dataFile === undefined ? success(bundle.value.data) : await readBounded(dataFile);
    if (!data.ok) return data;
    const problem = dataProblem(data.value);
    if (problem !== undefined) return failure(problem);
    return loadWasmPolicy({ wasm: bundle.value.wasm, data: data.value, entrypoint, maxMemoryBytes });
  }

  private sentence(what: string): string {
    return `The policy ${this.options.file} (${this.options.entrypoint}) ${what}`;
  }
}

const readPolicyFile = async (file: string): Promise<Result<OpaBundle, string>> => {
  const read = await readBounded(file);
  if (!read.ok) return read;
  const start = read.value.subarray(0, 4).toString('latin1');
  if (start === '\0asm') return success({ wasm: read.value, data: Buffer.from('{}') });
  return start.startsWith('\x1f\x8b') ? readOpaBundle(read.value) : failure('it is neither a bundle (tar.gz) nor WASM');
};

const readBounded = async (file: string): Promise<Result<Buffer, string>> => {
  try {
    const { size } = await stat(file);
    if (size > MAX_FILE_BYTES) return failure(`${file} has ${size} bytes, at most ${MAX_FILE_BYTES} are read`);
    return success(await readFile(file));
  } catch (error) {
    return failure(error instanceof Error ? error.message : String(error));
  }
};

const dataProblem = (data: Uint8Array): string | undefined => {
  const json = readJson(data, { maxDepth: MAX_DATA_DEPTH });
  if (!json.ok) return `the data document: ${json.error.detail}`;
  return isJsonObject(json.value.value) ? undefined : 'the data document is no JSON object';
};

/** Tells two states of the files apart, also of files that were replaced within one tick of the clock. */
const printOf = async (files: readonly string[]): Promise<string> => {
  const prints = files.map(async (file) => {
    const status = await stat(file, { bigint: true }).catch(() => undefined);
    return status === undefined ? 'absent' : `${status.ino} ${status.size} ${status.mtimeNs} ${status.ctimeNs}`;
  });
  return (await Promise.all(prints)).join('\n');
};
