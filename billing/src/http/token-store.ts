import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Database } from '../database/open-database.ts';
import { roles as allRoles, MIN_TOKEN_LENGTH, tokenDigest, type Access, type Role } from './access.ts';

export interface NewToken {
  /** Whose it is, for people. */
  readonly name: string;
  readonly roles: readonly Role[];
  readonly tenant?: string;
  readonly expiresAt?: Date;
}

export interface TokenSummary {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly tenant: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly token_sha256: string;
  readonly roles: readonly string[];
  readonly tenant: string | null;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
}

/** Makes a token and gives it the only time it is seen: what is stored is its SHA-256. */
export const addToken = async (
  database: Database,
  { name, roles, tenant, expiresAt }: NewToken,
): Promise<{ readonly id: string; readonly token: string }> => {
  const token = `stoa_${randomBytes(32).toString('base64url')}`;
  const id = `tok_${randomBytes(8).toString('hex')}`;
  await database('billing.api_token').insert({
    id,
    name,
    token_sha256: tokenDigest(token),
    roles: [...roles],
    tenant: tenant ?? null,
    expires_at: expiresAt ?? null,
  });
  return { id, token };
};

/** False when there is no such token, or it was revoked before. */
export const revokeToken = async (database: Database, id: string): Promise<boolean> =>
  (await database('billing.api_token')
    .where({ id })
    .whereNull('revoked_at')
    .update({ revoked_at: database.fn.now() })) > 0;

export const listTokens = async (database: Database): Promise<readonly TokenSummary[]> => {
  const rows = await database<TokenRow>('billing.api_token').orderBy('created_at');
  return rows.map((row) => ({
    ...{ id: row.id, name: row.name, roles: row.roles, tenant: row.tenant },
    ...{ createdAt: row.created_at, expiresAt: row.expires_at, revokedAt: row.revoked_at },
  }));
};

/** Who a token is, or undefined. Rejects when the database is away. */
export type FindAccess = (token: string) => Promise<Access | undefined>;

/**
 * Looks tokens up by digest: the index compares digests, which say nothing about the token, and the final comparison takes
 * one time. The bootstrap token of the environment is an admin that needs no row, so that the first token can be made.
 */
export const createFindAccess = ({
  database,
  bootstrapToken,
  now = Date.now,
}: {
  readonly database: Database;
  readonly bootstrapToken?: string;
  readonly now?: () => number;
}): FindAccess => {
  if (bootstrapToken !== undefined && bootstrapToken.length < MIN_TOKEN_LENGTH)
    throw new RangeError(`The bootstrap token must have at least ${MIN_TOKEN_LENGTH} characters.`);
  const bootstrap = bootstrapToken === undefined ? undefined : tokenDigest(bootstrapToken);
  return async (token) => {
    const digest = tokenDigest(token);
    if (bootstrap !== undefined && isSame(digest, bootstrap)) return { tokenId: 'bootstrap', roles: ['admin'] };
    const row = await database<TokenRow>('billing.api_token').where({ token_sha256: digest }).first();
    if (row === undefined || !isSame(digest, row.token_sha256)) return undefined;
    if (row.revoked_at !== null || (row.expires_at !== null && row.expires_at.getTime() <= now())) return undefined;
    const held = allRoles.filter((role) => row.roles.includes(role));
    return { tokenId: row.id, roles: held, ...(row.tenant === null ? {} : { tenant: row.tenant }) };
  };
};

const isSame = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
