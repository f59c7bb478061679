import { createHash } from 'node:crypto';

/**
 * What a token may do. `usage`: see calls, costs, prices and budgets. `audit`: search single records. `finance`: also
 * statements, reconciliation, and set budgets. `gateway`: read the policy that gateways run on. `admin`: all of it, and
 * nodes and quarantine.
 */
export type Role = 'usage' | 'audit' | 'finance' | 'gateway' | 'admin';

export const roles = ['usage', 'audit', 'finance', 'gateway', 'admin'] as const satisfies readonly Role[];

/** Who asks, as proved by a token. */
export interface Access {
  readonly tokenId: string;
  readonly roles: readonly Role[];
  /** Sees this tenant and nothing of any other. Undefined: all of them. */
  readonly tenant?: string;
}

/**
 * What a route asks for. `tenant`: answers about one tenant, which a restricted token may ask about its own. `operator`:
 * about the whole installation, so that no restricted token may.
 */
export interface AccessRule {
  readonly roles: readonly Role[];
  readonly reach: 'tenant' | 'operator';
}

/** Why the token may not, in one sentence; undefined when it may. */
export const accessProblem = ({ roles: held, tenant }: Access, rule: AccessRule): string | undefined => {
  if (!held.includes('admin') && !rule.roles.some((role) => held.includes(role)))
    return `This token lacks the role ${rule.roles.join(' or ')}; ask for one with: stoa-billing token add --role ${rule.roles[0] ?? 'admin'}.`;
  if (rule.reach === 'operator' && tenant !== undefined)
    return `This token is restricted to tenant ${tenant}, and this is about all tenants.`;
  return undefined;
};

/** 32 characters hold at least 128 random bits in hexadecimal: guessing needs no rate limit. */
export const MIN_TOKEN_LENGTH = 32;

/** Tokens are stored and compared as digests only. */
export const tokenDigest = (token: string): string => createHash('sha256').update(token, 'utf8').digest('hex');

/** The token of an Authorization header, or undefined: no header, another scheme, or characters no token has. */
export const bearerToken = (authorization: string | undefined): string | undefined =>
  /^bearer +([\x21-\x7E]{1,512})$/i.exec(authorization ?? '')?.[1];
