import { optionalFields, type AllFields } from '../domain/defined-fields.ts';
import type { Message } from '../domain/call.ts';
import type { ForwardingOf } from '../domain/identity/forwarding.ts';
import { hasLease } from '../domain/limits/demands-to-return.ts';
import { rateLimitHeaders } from '../domain/limits/rate-limit-headers.ts';
import type { PluginConfig } from '../config/plugin-config.ts';
import type { Governed } from '../pipeline/govern.ts';
import type { RequestFacts } from '../pipeline/request-facts.ts';
import { PROTOCOL_VERSION, type Verdict } from './guard-protocol.ts';

type Forward = Extract<Governed, { effect: 'forward' }>;

export interface VerdictInput {
  readonly facts: RequestFacts;
  readonly governed: Forward;
  readonly config: PluginConfig;
  readonly forwardingOf: ForwardingOf;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What the guard is told about a request that may pass: for whom and where it was judged, and what to change on its way. */
export const toVerdict = ({ facts, governed, config, forwardingOf, now }: VerdictInput): Omit<Verdict, 'admission'> => {
  const { message, session } = governed;
  const { demands, states } = governed.taken;
  const isMcp = config.server.server.kind === 'mcp';
  const forwarding = forwardingOf(
    facts.request,
    optionalFields({
      hasConsumer: facts.consumer !== undefined,
      consumer: facts.consumer,
      credentialId: facts.credentialId,
      groupsHeaderVerified: facts.request.headers.get('x-consumer-groups')?.join(', ') === facts.groups.join(', '),
    }),
  );
  return optionalFields({
    v: PROTOCOL_VERSION,
    consumer: facts.consumer?.id ?? '',
    scope: config.scope,
    scope_id: config.scopeId,
    request_id: facts.requestId,
    filter: message.call.kind === 'list',
    kind: config.server.server.kind,
    clear_headers: forwarding.clearHeaders.concat(message.headersToStrip, encodings(config, message)),
    response_headers: rateLimitHeaders({ demands, states, now }),
    set_headers: session.upstreamId === undefined ? undefined : { 'mcp-session-id': session.upstreamId },
    has_lease: hasLease(demands) ? true : undefined,
    id: message.id,
    query: forwarding.query,
    session_key: isMcp && message.era === 'legacy' && config.guard === 'mcp-guard' ? session.key : undefined,
  } satisfies AllFields<Omit<Verdict, 'admission'>>);
};

/** An encoded list cannot be filtered. mcp-guard clears the header itself; a post-function only does what it is told. */
const encodings = ({ guard }: PluginConfig, { call }: Message): readonly string[] =>
  guard === 'post-function' && call.kind === 'list' ? ['accept-encoding'] : [];
