import type { Caller } from '../domain/caller.ts';
import { checkToken } from '../domain/identity/check-token.ts';
import { optionalFields } from '../domain/defined-fields.ts';
import { readCaller } from '../domain/identity/read-caller.ts';
import { oncePerObject } from '../domain/once-per-object.ts';
import type { Refusal } from '../domain/refusal.ts';
import { failure, type Result } from '../domain/result.ts';
import type { CallerOptions, ServerConfig } from '../domain/server-config.ts';
import type { KongConsumer, RequestFacts } from './request-facts.ts';

/**
 * Who calls, from what Kong proved. In an OAuth deployment a consumer is not enough: the token that Kong's jwt plugin
 * verified must also have been issued by a known issuer and for this server.
 */
export const identify = (
  facts: RequestFacts,
  {
    config,
    usesGroups,
    nowSeconds,
  }: { readonly config: ServerConfig; readonly usesGroups: boolean; readonly nowSeconds: number },
): Result<Caller, Refusal> => {
  if (facts.groupsUnknown === true && usesGroups)
    return failure({
      reason: 'governance_unavailable',
      detail: 'The ACL groups of the consumer could not be read.',
      id: null,
    });
  // Kong's jwt plugin falls back to `anonymous` for a bad token as for none, but MCP asks for `invalid_token` then.
  if (facts.isAnonymous && config.oauth !== undefined && bringsToken(facts)) return failure(tokenRefused);
  if (facts.isAnonymous) return readCaller({ ...known(facts), isAnonymous: true }, config.callers);
  if (config.oauth === undefined) return provedCaller(facts, config.callers);
  if (facts.token === undefined) return failure(tokenMissing);
  const claims = checkToken(facts.token, config.oauth, nowSeconds);
  return claims.ok ? readCaller({ ...known(facts), claims: claims.value }, config.callers) : claims;
};

const tokenMissing: Refusal = {
  reason: 'unauthenticated',
  detail: "This server needs an access token that Kong's jwt plugin has verified.",
  id: null,
};

const tokenRefused: Refusal = {
  reason: 'invalid_token',
  detail:
    'The bearer token was not accepted: it has expired, was changed, or comes from an issuer that is not known here.',
  id: null,
};

const bringsToken = ({ request }: RequestFacts): boolean =>
  request.headers.get('authorization')?.some((value) => /^\s*bearer\s/i.test(value)) === true;

const known = (facts: RequestFacts): Parameters<typeof readCaller>[0] =>
  optionalFields({ groups: facts.groups, consumer: facts.consumer });

/** Where there is no token, Kong's consumer and groups are all that there is to know: read once while they are the same objects. */
const provedCaller = ({ consumer, groups }: RequestFacts, options: CallerOptions): Result<Caller, Refusal> =>
  consumer === undefined ? readCaller({ groups }, options) : callersOf(options)(consumer)(groups);

const callersOf = oncePerObject((options: CallerOptions) =>
  oncePerObject((consumer: KongConsumer) =>
    oncePerObject((groups: readonly string[]) => readCaller({ consumer, groups }, options)),
  ),
);
