import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { queryRows, runSql } from '../database/query-rows.ts';

/** Why an event is kept aside. */
export type QuarantineReason =
  /** Not JSON. */
  | 'unreadable'
  /** A field is missing or wrong. */
  | 'invalid'
  /** Of another node than the one whose credential was shown. */
  | 'wrong_source'
  /** The id is known with other content. */
  | 'conflict'
  /** More than 5 minutes ahead of the ledger's clock. */
  | 'future'
  /** More than 400 days old. */
  | 'too_old'
  /** Of a month whose single records were dropped. */
  | 'retired'
  /** The database refuses it. */
  | 'unstorable';

export interface RefusedEvent {
  /** Empty when it could not be read. */
  readonly id: string;
  readonly reason: QuarantineReason;
  /** Names the field and what is wrong with it. */
  readonly detail: string;
  /** As it was received. */
  readonly raw: string;
}

/** Keeps events aside. One that is sent again, for the same reason, is the same row. */
export const addToQuarantine = async (
  transaction: Knex,
  nodeId: string,
  events: readonly RefusedEvent[],
): Promise<void> => {
  if (events.length === 0) return;
  await runSql(
    transaction,
    `insert into quarantine (event_id, node_id, reason, detail, raw, digest, first_seen)
     select e.id, ?, e.reason, e.detail, e.raw, decode(e.digest, 'hex'), now()
     from unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[]) as e (id, reason, detail, raw, digest)
     on conflict (digest) do nothing`,
    [
      nodeId,
      events.map(({ id }) => storable(id)),
      events.map(({ reason }) => reason),
      events.map(({ detail }) => storable(detail)),
      events.map(({ raw }) => storable(raw.slice(0, MAX_RAW))),
      events.map(({ reason, raw }) => createHash('sha256').update(`${nodeId}\n${reason}\n${raw}`).digest('hex')),
    ],
  );
};

/** Four of the longest events. What is longer is kept to be looked at, and can never be replayed. */
const MAX_RAW = 65_536;

/** PostgreSQL stores every character but this one. */
const storable = (text: string): string => text.replaceAll('\u0000', '\uFFFD');

export interface QuarantinedEvent extends RefusedEvent {
  readonly quarantineId: bigint;
  readonly nodeId: string;
  readonly firstSeen: Date;
  readonly resolvedAt: Date | null;
  readonly resolution: string | null;
}

export interface QuarantineFilter {
  readonly reason?: QuarantineReason;
  readonly nodeId?: string;
  /** Also those that were dealt with. */
  readonly withResolved?: boolean;
  /** Entries after this one: the last `quarantineId` of the page before. */
  readonly after?: bigint;
  readonly limit?: number;
}

const MAX_PAGE = 500;

export const listQuarantine = (database: Knex, filter: QuarantineFilter = {}): Promise<readonly QuarantinedEvent[]> =>
  queryRows<QuarantinedEvent>(
    database,
    `select id as "quarantineId", event_id as id, node_id as "nodeId", reason, detail, raw,
       first_seen as "firstSeen", resolved_at as "resolvedAt", resolution
     from quarantine
     where id > ? and (?::text is null or reason = ?) and (?::text is null or node_id = ?) and (? or resolved_at is null)
     order by id limit ?`,
    [
      filter.after ?? 0n,
      filter.reason ?? null,
      filter.reason ?? null,
      filter.nodeId ?? null,
      filter.nodeId ?? null,
      filter.withResolved ?? false,
      Math.min(filter.limit ?? 100, MAX_PAGE),
    ],
  );

/** Closes an entry with what was done about it; false when it is closed already, or there is none. */
export const resolveQuarantined = async (database: Knex, quarantineId: bigint, resolution: string): Promise<boolean> =>
  (await runSql(
    database,
    'update quarantine set resolved_at = now(), resolution = ? where id = ? and resolved_at is null',
    [resolution, quarantineId],
  )) > 0;
