import { Buffer } from 'node:buffer';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { performance } from 'node:perf_hooks';
import { isJsonObject, ownValue, type JsonValue } from '../domain/json/json-value.ts';
import { readJson } from '../domain/json/read-json.ts';
import { readOpaAddress, type OpaAddress } from '../domain/opa/opa-address.ts';
import type { OpaInput, OpaResult } from '../domain/opa/opa-decision.ts';
import { opaInputJson } from '../domain/opa/opa-input-json.ts';
import { readOpaResult } from '../domain/opa/read-opa-result.ts';
import { plainText } from '../domain/replies/plain-text.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { PolicyEngine } from '../ports/policy-engine.ts';
import { OpaDecisionCache, type OpaCacheOptions } from './opa-decision-cache.ts';
import { exchange, type HttpAnswer } from './opa-http-exchange.ts';
import { OpaOutcomes } from './opa-outcomes.ts';

export interface OpaHttpOptions {
  /** Where OPA listens: `http://127.0.0.1:8181`, or `unix:///run/opa.sock`. */
  readonly url: string;
  /** The rule that is asked, such as `mcp/governance/decision`. */
  readonly path: string;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
  /** A sidecar answers in one millisecond; a call must not wait long for one that does not. */
  readonly deadlineMs?: number;
  /** Questions at a time; one more waits for a connection, within its deadline. */
  readonly maxConnections?: number;
  /** Questions asked and waiting; one more fails at once. */
  readonly maxPending?: number;
  /** Arguments of a call make up most of a question. */
  readonly maxInputBytes?: number;
  /** A decision has some hundred bytes. */
  readonly maxAnswerBytes?: number;
  /** Off when left out. */
  readonly cache?: OpaCacheOptions;
  /** Milliseconds of a clock that is never set back. */
  readonly now?: () => number;
}

/** OPA answers flat documents. */
const MAX_ANSWER_DEPTH = 32;

/** Asks an OPA server. What cannot be asked, or is not answered in time and in full, is a failure: the caller denies. */
export const createOpaHttpEngine = (options: OpaHttpOptions): Result<PolicyEngine, string> => {
  const address = readOpaAddress(options.url, options.path);
  return address.ok ? success(new OpaHttpEngine(address.value, options)) : address;
};

/** What was learnt from one question. */
type Finding =
  | { readonly kind: 'decision'; readonly result: OpaResult }
  /** No rule produced a value. OPA may not have loaded its bundle yet, so this is not remembered. */
  | { readonly kind: 'undefined'; readonly result: OpaResult }
  /** OPA works, the policy does not. */
  | { readonly kind: 'policy_fault'; readonly why: string }
  | { readonly kind: 'engine_fault'; readonly why: string };

class OpaHttpEngine implements PolicyEngine {
  private readonly agent: HttpAgent;
  private readonly outcomes: OpaOutcomes;
  private readonly cache: OpaDecisionCache | undefined;
  private readonly now: () => number;
  private readonly underWay = new Set<AbortController>();
  private isClosed = false;

  constructor(
    private readonly address: OpaAddress,
    private readonly options: OpaHttpOptions,
  ) {
    const agentOptions = { keepAlive: true, maxSockets: options.maxConnections ?? 32 };
    this.agent = address.url.protocol === 'https:' ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
    this.now = options.now ?? (() => performance.now());
    this.outcomes = new OpaOutcomes(this.now);
    this.cache = options.cache && new OpaDecisionCache({ ...options.cache, now: this.now });
  }

  async decide(input: OpaInput): Promise<Result<OpaResult, string>> {
    if (this.isClosed) return failure(this.sentence('is not asked any more: the engine is closed'));
    const key = this.cache?.keyOf(input);
    const known = key === undefined ? undefined : this.cache?.find(key);
    if (known !== undefined) return success(known);
    const body = Buffer.from(`{"input":${opaInputJson(input)}}`);
    const { maxInputBytes = 1024 * 1024 } = this.options;
    if (body.length > maxInputBytes) {
      return failure(
        this.sentence(`was not asked: the input has ${body.length} bytes, at most ${maxInputBytes} are sent`),
      );
    }
    const askedAt = this.now();
    const finding = await this.ask(body);
    if (finding.kind === 'decision' && key !== undefined) this.cache?.keep(key, finding.result, askedAt);
    return this.conclude(finding);
  }

  health(): { readonly ok: boolean; readonly why?: string } {
    return this.isClosed ? { ok: false, why: this.sentence('is not asked: closed') } : this.outcomes.health();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const controller of this.underWay) controller.abort();
    this.agent.destroy();
  }

  private async ask(body: Buffer): Promise<Finding> {
    const { maxPending = 1_024, deadlineMs = 50 } = this.options;
    const { size } = this.underWay;
    if (size >= maxPending) return { kind: 'engine_fault', why: `${size} questions are under way already` };
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), deadlineMs);
    this.underWay.add(controller);
    const answer = await this.post(body, controller.signal);
    this.underWay.delete(controller);
    clearTimeout(timer);
    if (answer.ok) return toFinding(answer.value);
    if (!controller.signal.aborted) return { kind: 'engine_fault', why: answer.error };
    return { kind: 'engine_fault', why: this.isClosed ? 'the engine was closed' : `no answer within ${deadlineMs} ms` };
  }

  private post(body: Buffer, signal: AbortSignal): Promise<Result<HttpAnswer, string>> {
    const { token, maxAnswerBytes = 65_536 } = this.options;
    const { url, socketPath } = this.address;
    return exchange({
      url,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body,
      agent: this.agent,
      ...(socketPath === undefined ? {} : { socketPath }),
      maxAnswerBytes,
      signal,
    });
  }

  private conclude(finding: Finding): Result<OpaResult, string> {
    switch (finding.kind) {
      case 'decision':
        this.outcomes.answered();
        return success(finding.result);
      case 'undefined':
        this.outcomes.answered(this.sentence('holds no decision (undefined), which denies'));
        return success(finding.result);
      case 'policy_fault': {
        const sentence = this.sentence(`could not decide: ${finding.why}`);
        this.outcomes.answered(sentence);
        return failure(sentence);
      }
      case 'engine_fault': {
        const sentence = this.sentence(`did not decide: ${finding.why}`);
        this.outcomes.failed(sentence);
        return failure(sentence);
      }
    }
  }

  private sentence(what: string): string {
    return `OPA at ${this.address.label} ${what}`;
  }
}

const toFinding = ({ status, body }: HttpAnswer): Finding => {
  const json = readJson(body, { maxDepth: MAX_ANSWER_DEPTH });
  const document = json.ok ? json.value.value : undefined;
  if (status !== 200) return refused(status, document);
  if (!json.ok) return { kind: 'engine_fault', why: `the answer is no JSON: ${json.error.detail}` };
  if (!isJsonObject(document)) return { kind: 'engine_fault', why: 'the answer is no JSON object' };
  const value = ownValue(document, 'result');
  const result = readOpaResult(value);
  if (!result.ok) return { kind: 'policy_fault', why: result.error };
  return { kind: value === undefined ? 'undefined' : 'decision', result: result.value };
};

/** OPA explains a failure in `code` and `message`; of a policy that failed it says where, in `errors`. */
const refused = (status: number, document: JsonValue | undefined): Finding => {
  const errors = isJsonObject(document) ? ownValue(document, 'errors') : undefined;
  const first = Array.isArray(errors) ? (errors[0] as JsonValue | undefined) : undefined;
  const code = isJsonObject(first) ? ownValue(first, 'code') : undefined;
  const isPolicyFault = typeof code === 'string' && code.startsWith('eval_') && code !== 'eval_cancel_error';
  const why = `status ${status}${textOf(isPolicyFault ? first : document)}`;
  return { kind: isPolicyFault ? 'policy_fault' : 'engine_fault', why };
};

const textOf = (value: JsonValue | undefined): string => {
  if (!isJsonObject(value)) return '';
  const texts = ['code', 'message'].map((key) => ownValue(value, key)).filter((text) => typeof text === 'string');
  return texts.length === 0 ? '' : ` (${plainText(texts.join(': '), { maxCharacters: 200 })})`;
};
