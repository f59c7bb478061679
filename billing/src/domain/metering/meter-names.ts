import { createHash } from 'node:crypto';

export interface MeterSeries {
  /** Which of the operator's worlds: a test and a live account never share a name. */
  readonly environment: string;
  readonly tenant: string;
  readonly server: string;
  readonly tool: string;
}

/** Stripe's bound for an event's identifier and for a meter's event name. */
export const MAX_NAME_LENGTH = 100;

/** Length of a display name in Stripe. */
export const MAX_DISPLAY_NAME_LENGTH = 250;

/**
 * Names one attempt to send one daily total. The value is part of the name: "this id exists" then always means "this
 * total was taken", even after a database was restored and counts its revisions again.
 */
export const meterEventIdentifier = (
  { environment, tenant, server, tool }: MeterSeries,
  { day, revision, value }: { readonly day: string; readonly revision: number; readonly value: bigint },
): string => {
  const tail = `${day}:r${revision}:${value}`;
  // Parts are escaped, so that no two series can spell the same name.
  return bounded([environment, tenant, server, tool].map(encodeURIComponent).join(':'), tail);
};

/** Another one makes way when the names are taken by meters that cannot be used. */
export const DEFAULT_METER_PREFIX = 'mcp';

/**
 * Of the meter that counts one tool: one tool, one meter, whoever calls it. Letters, digits, `_` and `-` only, because
 * Stripe does not say what else it takes; a name that had to be changed carries a hash of what it was.
 */
export const meterEventName = (server: string, tool: string, prefix = DEFAULT_METER_PREFIX): string => {
  const plain = [server, tool].map((part) => part.replace(/[^A-Za-z0-9_-]/g, '_'));
  const name = `${prefix}.${plain.join('.')}`;
  const isExact = plain[0] === server && plain[1] === tool && name.length <= MAX_NAME_LENGTH;
  return isExact ? name : withHash(name, JSON.stringify([server, tool]));
};

const HASH_LENGTH = 32;

/** `head:tail`, or a hash of both where that is too long. */
const bounded = (head: string, tail: string): string => {
  const name = `${head}:${tail}`;
  return name.length <= MAX_NAME_LENGTH ? name : withHash(name, name);
};

/** 128 bits, so that no two names meet. */
const withHash = (name: string, hashed: string): string => {
  const hash = createHash('sha256').update(hashed).digest('hex').slice(0, HASH_LENGTH);
  return `${name.slice(0, MAX_NAME_LENGTH - HASH_LENGTH - 1)}-${hash}`;
};
