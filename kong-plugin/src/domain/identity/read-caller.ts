import type { Caller } from '../caller.ts';
import { optionalFields, type AllFields } from '../defined-fields.ts';
import type { Refusal } from '../refusal.ts';
import { failure, success, type Result } from '../result.ts';
import type { CallerOptions } from '../server-config.ts';
import type { TokenClaims } from './check-token.ts';

/** What the gateway itself knows about who calls. Nothing here comes from a header that a client could set. */
export interface CallerFacts {
  readonly consumer?: {
    readonly id: string;
    readonly username?: string;
    readonly customId?: string;
    readonly tags: readonly string[];
  };
  /** Kong fell back to its anonymous consumer: that consumer is nobody's proof. */
  readonly isAnonymous?: boolean;
  readonly groups?: readonly string[];
  /** Of a token that Kong and `checkToken` accepted. */
  readonly claims?: TokenClaims;
}

/**
 * The caller, as proved. An anonymous caller keeps what the operator attached to Kong's anonymous consumer, but has no
 * `consumerId`, so that only rules with `anonymous: true` match it, and no claims.
 */
export const readCaller = (facts: CallerFacts, options: CallerOptions): Result<Caller, Refusal> => {
  const tags = facts.consumer?.tags ?? [];
  const tenant = readTag(tags, options.tenantTagPrefix);
  const application = readTag(tags, options.applicationTagPrefix);
  if (!tenant.ok) return ambiguous(facts, 'tenant');
  if (!application.ok) return ambiguous(facts, 'application');
  const applicationName = application.value ?? facts.consumer?.username;
  const proofs = proofsOf(facts);
  return success(
    optionalFields({
      tags,
      groups: facts.groups ?? [],
      tenant: tenant.value,
      application: applicationName,
      consumer: facts.consumer?.username,
      customId: facts.consumer?.customId,
      consumerId: proofs.consumerId,
      user: proofs.user,
      scopes: proofs.scopes,
    } satisfies AllFields<Caller>),
  );
};

const proofsOf = ({
  consumer,
  isAnonymous,
  claims,
}: CallerFacts): Pick<AllFields<Caller>, 'consumerId' | 'user' | 'scopes'> =>
  consumer === undefined || isAnonymous === true
    ? { consumerId: undefined, user: undefined, scopes: [] }
    : { consumerId: consumer.id, user: claims?.subject, scopes: claims?.scopes ?? [] };

/** The one name that tags with the prefix give; two names, or an empty one, are a mistake that must not be guessed away. */
const readTag = (tags: readonly string[], prefix: string): Result<string | undefined, 'ambiguous'> => {
  if (prefix === '') return success(undefined);
  let found: string | undefined;
  for (const tag of tags) {
    if (!tag.startsWith(prefix)) continue;
    const name = tag.slice(prefix.length);
    if (name === '' || (found !== undefined && found !== name)) return failure('ambiguous');
    found = name;
  }
  return success(found);
};

const ambiguous = ({ consumer }: CallerFacts, what: 'tenant' | 'application'): Result<never, Refusal> =>
  failure({
    reason: 'governance_unavailable',
    detail: `The tags of consumer ${consumer?.username ?? consumer?.id ?? ''} must name exactly one ${what}: the operator has to correct them.`,
  });
