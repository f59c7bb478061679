/** What billing's audit says of a refused call. */
export interface RefusalFacts {
  readonly reason?: string;
  readonly rule?: string;
  readonly detail?: string;
}

interface About {
  readonly tool: string;
  readonly application: string;
  /** ` (rule <id>)`, or nothing. */
  readonly named: string;
  readonly detail: string | undefined;
}

type Sentence = (about: About) => string;

const denied: Sentence = ({ application, tool, named }) =>
  `${application} may not call ${tool}${named}. Subscribe to a plan that includes it, or ask its owner.`;

const limited: Sentence = ({ named, detail }) => `A limit stopped this call${named}: ${detail ?? 'try again later'}`;

const unjudged: Sentence = () =>
  'The gateway could not judge the call and refused it. Try again; if it stays so, tell the platform team.';

/** By the gateway's reason (kong-plugin/src/domain/reason.ts); all others say what the gateway said. */
const sentences: Readonly<Record<string, Sentence>> = {
  tool_denied: denied,
  operation_denied: denied,
  arguments_denied: ({ tool, named, detail }) =>
    `${tool} refuses these arguments${named}: ${detail ?? 'a rule forbids them'}`,
  tool_quarantined: ({ tool }) =>
    `${tool} changed after it was approved and is held back until its owner looks at the change ("Tool changes").`,
  rate_limited: limited,
  quota_exhausted: limited,
  concurrency_limited: limited,
  repeat_refused: limited,
  subscription_inactive: ({ application, named }) =>
    `The subscription of ${application} is not active${named}: see "My applications and keys".`,
  unauthenticated: ({ application }) =>
    `The gateway did not accept the key of ${application}: it may have been revoked a moment ago. Try again.`,
  policy_denied: ({ named, detail }) =>
    `A policy of the organisation refused this call${named}: ${detail ?? 'it gave no reason'}`,
  counter_unavailable: unjudged,
  governance_unavailable: unjudged,
};

/** One sentence for a person: why the gateway refused, and what to do about it. */
export const refusalInWords = (
  { reason = '', rule, detail }: RefusalFacts,
  { tool, application }: { readonly tool: string; readonly application: string },
): string => {
  const named = rule === undefined ? '' : ` (rule ${rule})`;
  const sentence = Object.hasOwn(sentences, reason) ? sentences[reason] : undefined;
  if (sentence !== undefined) return sentence({ tool, application, named, detail });
  return `The gateway refused the call${named}: ${detail ?? (reason === '' ? 'it did not say why' : reason)}`;
};
