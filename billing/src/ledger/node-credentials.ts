import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Buffer } from 'node:buffer';
import type { Database } from '../database/open-database.ts';
import { queryRows, runSql } from '../database/query-rows.ts';
import type { Issue } from '../domain/issue.ts';
import { failure, success, type Result } from '../domain/result.ts';

/** As the plugin checks it: the id is part of a file name and of a URN. */
const NODE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
/** Tells a node's credential from other tokens where one is found; 32 random bytes follow. */
const PREFIX = 'mgn_';
const TOKEN = /^mgn_[A-Za-z0-9_-]{43}$/;

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

export interface NodeCredential {
  readonly nodeId: string;
  /** Shown now and never again: the ledger keeps its SHA-256. */
  readonly token: string;
}

/** A credential for a new node, or a new one for a node whose credential was revoked. */
export const createNodeCredential = async (
  database: Database,
  nodeId: string,
): Promise<Result<NodeCredential, Issue>> => {
  if (!NODE_ID.test(nodeId))
    return failure({
      path: 'node',
      problem: `"${nodeId}" cannot name a node.`,
      suggestion: 'Use 1 to 128 letters, digits, dots, dashes and underscores, beginning with a letter or digit.',
    });
  const token = PREFIX + randomBytes(32).toString('base64url');
  const changed = await runSql(
    database,
    `insert into node as n (node_id, credential_sha256) values (?, ?)
     on conflict (node_id) do update set credential_sha256 = excluded.credential_sha256, revoked_at = null
     where n.revoked_at is not null`,
    [nodeId, digestOf(token)],
  );
  if (changed > 0) return success({ nodeId, token });
  const suggestion = 'Revoke it first; what the node has not sent yet waits on its disk.';
  return failure({ path: 'node', problem: `The node ${nodeId} has a credential.`, suggestion });
};

/** From now on the node's batches are refused with 401; false when there was nothing to revoke. */
export const revokeNodeCredential = async (database: Database, nodeId: string): Promise<boolean> =>
  (await runSql(database, 'update node set revoked_at = now() where node_id = ? and revoked_at is null', [nodeId])) > 0;

/** The node whose credential the token is; undefined for one that is unknown or revoked. */
export const findNodeByToken = async (database: Database, token: string): Promise<string | undefined> => {
  if (!TOKEN.test(token)) return undefined;
  const digest = digestOf(token);
  const [node] = await queryRows<{ readonly node_id: string; readonly credential_sha256: Buffer }>(
    database,
    'select node_id, credential_sha256 from node where credential_sha256 = ? and revoked_at is null',
    [digest],
  );
  // The index compares until the first byte that differs; of a digest that tells nothing about the token.
  return node !== undefined && timingSafeEqual(node.credential_sha256, digest) ? node.node_id : undefined;
};

export interface NodeStatus {
  readonly nodeId: string;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
  readonly lastSeenAt: Date | null;
  /** `occurredAt` of the newest event that it sent. */
  readonly lastEventAt: Date | null;
  /** Its clock minus ours in milliseconds; null while it is not known. */
  readonly skewMs: bigint | null;
  readonly openGaps: bigint;
  /** Records that those gaps are about. */
  readonly missing: bigint;
}

export const listNodes = (database: Database): Promise<readonly NodeStatus[]> =>
  queryRows<NodeStatus>(
    database,
    `select n.node_id as "nodeId", n.created_at as "createdAt", n.revoked_at as "revokedAt",
       n.last_seen_at as "lastSeenAt", n.last_event_at as "lastEventAt", n.skew_ms as "skewMs",
       count(g.id) as "openGaps", coalesce(sum(g.to_sequence - g.from_sequence + 1), 0)::bigint as missing
     from node n left join node_gap g on g.node_id = n.node_id and g.closed_at is null
     group by n.node_id order by n.node_id`,
  );

export interface NodeGap {
  readonly nodeId: string;
  readonly epoch: string;
  readonly from: bigint;
  readonly to: bigint;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
}

/** A report of a thousand gaps is a node that lost its disk: the sums in `listNodes` say the rest. */
const MAX_GAPS = 1_000;

/** Ranges of records that nodes wrote and the ledger never got, newest first. */
export const listGaps = (
  database: Database,
  { nodeId, withClosed = false }: { readonly nodeId?: string; readonly withClosed?: boolean } = {},
): Promise<readonly NodeGap[]> =>
  queryRows<NodeGap>(
    database,
    `select node_id as "nodeId", epoch, from_sequence as "from", to_sequence as "to", opened_at as "openedAt",
       closed_at as "closedAt"
     from node_gap where (?::text is null or node_id = ?) and (? or closed_at is null)
     order by opened_at desc, id desc limit ?`,
    [nodeId ?? null, nodeId ?? null, withClosed, MAX_GAPS],
  );
