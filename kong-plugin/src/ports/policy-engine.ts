import type { OpaInput, OpaResult } from '../domain/opa/opa-decision.ts';
import type { Result } from '../domain/result.ts';

/**
 * Asks a policy outside the rules. The contract, proved by `policy-engine.contract.ts`:
 * answers within its deadline or fails; a failure is a sentence for the operator, and the caller of this port denies.
 * A cached answer is only ever used for an input that is equal in everything but `time` and `limits` (unless the cache is
 * off, which is the default), and never longer than configured.
 */
export interface PolicyEngine {
  decide(input: OpaInput): Promise<Result<OpaResult, string>>;
  health(): { readonly ok: boolean; readonly why?: string };
  close(): Promise<void>;
}
