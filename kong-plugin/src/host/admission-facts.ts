import { optionalFields } from '../domain/defined-fields.ts';
import { headerValue } from '../domain/http-request.ts';
import type { AdmissionFacts } from '../domain/records/build-admission.ts';
import type { Governed } from '../pipeline/govern.ts';
import type { RequestFacts } from '../pipeline/request-facts.ts';

/** What the record of a request is made from when the decision has fallen. */
export const admissionFacts = (
  facts: RequestFacts,
  { governed, server }: { readonly governed: Governed; readonly server: string },
): AdmissionFacts =>
  optionalFields({
    server,
    httpMethod: facts.request.method,
    message: governed.message,
    decision: governed.decision,
    caller: governed.caller,
    refusal: governed.effect === 'refuse' ? governed.refusal : undefined,
    credentialId: facts.credentialId,
    userAgent: headerValue(facts.request, 'user-agent'),
    policyRevision: governed.policyRevision,
    plan: governed.plan,
    shadow: governed.shadow,
    uncounted: governed.effect === 'forward' ? governed.taken.uncounted : undefined,
  });
