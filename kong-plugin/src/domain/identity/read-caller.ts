import type { Caller } from '../caller.ts';
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
  return success({
    tags,
    groups: facts.groups ?? [],
    ...(tenant.value === undefined ? {} : { tenant: tenant.value }),
    ...(applicationName === undefined ? {} : { application: applicationName }),
    ...namesOf(facts),
    ...proofsOf(facts),
  });
};

const namesOf = ({ consumer }: CallerFacts): Pick<Caller, 'consumer' | 'customId'> => ({
  ...(consumer?.username === undefined ? {} : { consumer: consumer.username }),
  ...(consumer?.customId === undefined ? {} : { customId: consumer.customId }),
});

const proofsOf = ({ consumer, isAnonymous, claims }: CallerFacts): Pick<Caller, 'consumerId' | 'user' | 'scopes'> =>
  consumer === undefined || isAnonymous === true
    ? { scopes: [] }
    : {
        consumerId: consumer.id,
        scopes: claims?.scopes ?? [],
        ...(claims?.subject === undefined ? {} : { user: claims.subject }),
      };

/** The one name that tags with the prefix give; two names, or an empty one, are a mistake that must not be guessed away. */
const readTag = (tags: readonly string[], prefix: string): Result<string | undefined, 'ambiguous'> => {
  if (prefix === '') return success(undefined);
  const names = new Set(tags.filter((tag) => tag.startsWith(prefix)).map((tag) => tag.slice(prefix.length)));
  return names.size > 1 || names.has('') ? failure('ambiguous') : success([...names][0]);
};

const ambiguous = ({ consumer }: CallerFacts, what: 'tenant' | 'application'): Result<never, Refusal> =>
  failure({
    reason: 'governance_unavailable',
    detail: `The tags of consumer ${consumer?.username ?? consumer?.id ?? ''} must name exactly one ${what}: the operator has to correct them.`,
  });
