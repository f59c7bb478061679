import type { Decision } from '../domain/decision.ts';
import { toOpaInput, type OpaQuestion } from '../domain/opa/to-opa-input.ts';
import type { PolicyEngine } from '../ports/policy-engine.ts';

/** What a policy outside the rules said of a call that they allow. */
export interface EngineAnswer {
  readonly denied?: Extract<Decision, { effect: 'deny' }>;
  /** JSON paths that records of this call must not show. */
  readonly redact: readonly string[];
  /** It would have refused, and is in shadow mode. */
  readonly shadow: readonly string[];
}

export interface Engine {
  readonly engine: PolicyEngine;
  readonly mode: 'enforce' | 'shadow';
  /** Where failures are reported: the caller hears only that it is refused. */
  readonly onFailure: (why: string) => void;
}

/** Nobody objects. */
export const silent: EngineAnswer = { redact: [], shadow: [] };

/** Calls that name something are asked about; handshakes, lists and streams are the rules' alone (docs/opa.md). */
const askedKinds: ReadonlySet<string> = new Set(['tool', 'prompt', 'resource', 'operation', 'completion', 'listen']);

/** A failure to answer refuses the call. In shadow mode nothing does, and nothing is redacted. */
export const askEngine = async (question: OpaQuestion, { engine, mode, onFailure }: Engine): Promise<EngineAnswer> => {
  if (!askedKinds.has(question.message.call.kind)) return silent;
  const answer = await engine.decide(toOpaInput(question));
  if (!answer.ok) onFailure(answer.error);
  if (answer.ok && answer.value.allow)
    return mode === 'shadow' ? silent : { redact: answer.value.obligations.redact, shadow: [] };
  if (mode === 'shadow') return { redact: [], shadow: ['opa'] };
  return { ...silent, denied: answer.ok ? refusedBy(answer.value.reason) : unanswered };
};

const refusedBy = (reason: string | undefined): Extract<Decision, { effect: 'deny' }> => ({
  effect: 'deny',
  policy: 'opa',
  rule: 'opa:denied',
  reason: 'policy_denied',
  detail: reason ?? 'A policy of this gateway does not allow this call.',
});

const unanswered: Extract<Decision, { effect: 'deny' }> = {
  effect: 'deny',
  policy: 'opa',
  rule: 'opa:unanswered',
  reason: 'governance_unavailable',
  detail: 'A policy of this gateway could not be asked: the call was refused. Retry later.',
};
