/** A key of an application as the database keeps it. Times are milliseconds since the epoch. */
export interface KeyRecord {
  readonly id: string;
  readonly application: string;
  readonly name: string;
  readonly prefix: string;
  readonly hash: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  /** The key that replaced it; until `expiresAt` both work. */
  readonly replacedBy?: string;
}

export type KeyState = 'active' | 'overlap' | 'expired' | 'revoked';

/** `overlap`: replaced by another key, and still good until it expires or is cut off. */
export const keyState = ({ revokedAt, expiresAt, replacedBy }: KeyRecord, now: number): KeyState => {
  if (revokedAt !== undefined) return 'revoked';
  if (expiresAt !== undefined && expiresAt <= now) return 'expired';
  return replacedBy === undefined ? 'active' : 'overlap';
};

export const isUsable = (key: KeyRecord, now: number): boolean => ['active', 'overlap'].includes(keyState(key, now));

/** More keys than an application needs are keys that nobody watches. */
export const MAX_USABLE_KEYS = 5;

/** Longest overlap of a rotation: a week covers a deployment train, and no key lives on by being forgotten. */
export const MAX_OVERLAP_HOURS = 168;

/** When the replaced key ends: after the overlap, or at its own end if that comes first. */
export const overlapEnd = (
  { expiresAt }: Pick<KeyRecord, 'expiresAt'>,
  { now, overlapHours }: { readonly now: number; readonly overlapHours: number },
): number => Math.min(now + overlapHours * 3_600_000, expiresAt ?? Number.MAX_SAFE_INTEGER);
