import type { Knex } from 'knex';
import { queryRows } from '../database/query-rows.ts';
import { millisecondsOfId } from '../domain/invocations/invocation-time.ts';
import { EVENT_ID } from '../domain/invocations/read-invocation-event.ts';

export interface InvocationEvidence {
  readonly id: string;
  readonly recordedAt: Date;
  readonly tenant: string;
  readonly nodeId: string;
  readonly nodeEpoch: string;
  readonly nodeSequence: bigint;
  readonly contentSha256: string;
  /** The record as the node sent it, byte for byte what the digest is of. */
  readonly record: string;
}

/** One invocation with its record; undefined when the ledger does not have it. */
export const findInvocation = async (database: Knex, id: string): Promise<InvocationEvidence | undefined> => {
  if (!EVENT_ID.test(id)) return undefined;
  const [found] = await queryRows<InvocationEvidence>(
    database,
    `select id, recorded_at as "recordedAt", tenant, node_id as "nodeId", node_epoch as "nodeEpoch",
       node_sequence as "nodeSequence", encode(content_sha256, 'hex') as "contentSha256", record::text as record
     from billing.invocation where occurred_at = ? and id = ?`,
    [new Date(millisecondsOfId(id)), id],
  );
  return found;
};
