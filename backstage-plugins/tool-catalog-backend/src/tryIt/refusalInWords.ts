/** What billing's audit says of a refused call. */
export interface RefusalFacts {
  readonly reason?: string;
  readonly rule?: string;
  readonly detail?: string;
}

/** One sentence for a person: why the gateway refused, and what to do about it. */
export const refusalInWords = (
  { reason = '', rule, detail }: RefusalFacts,
  { tool, application }: { readonly tool: string; readonly application: string },
): string => {
  const named = rule === undefined ? '' : ` (rule ${rule})`;
  switch (reason) {
    case 'tool_denied':
    case 'operation_denied':
      return `${application} may not call ${tool}${named}. Subscribe to a plan that includes it, or ask its owner.`;
    case 'arguments_denied':
      return `${tool} refuses these arguments${named}: ${detail ?? 'a rule forbids them'}`;
    case 'tool_quarantined':
      return `${tool} changed after it was approved and is held back until its owner looks at the change ("Tool changes").`;
    case 'rate_limited':
    case 'quota_exhausted':
    case 'concurrency_limited':
    case 'repeat_refused':
      return `A limit stopped this call${named}: ${detail ?? 'try again later'}`;
    case 'subscription_inactive':
      return `The subscription of ${application} is not active${named}: see "My applications and keys".`;
    case 'unauthenticated':
      return `The gateway did not accept the key of ${application}: it may have been revoked a moment ago. Try again.`;
    case 'policy_denied':
      return `A policy of the organisation refused this call${named}: ${detail ?? 'it gave no reason'}`;
    case 'counter_unavailable':
    case 'governance_unavailable':
      return 'The gateway could not judge the call and refused it. Try again; if it stays so, tell the platform team.';
    default:
      return `The gateway refused the call${named}: ${detail ?? (reason === '' ? 'it did not say why' : reason)}`;
  }
};
