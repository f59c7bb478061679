import type { Database } from '../database/open-database.ts';
import { queryRows } from '../database/query-rows.ts';
import type { Ingest } from './ingest.ts';
import { resolveQuarantined, type QuarantineReason } from './quarantine.ts';

export type ReplayOutcome =
  /** In the ledger now. */
  | { readonly kind: 'accepted' }
  /** It was there already. */
  | { readonly kind: 'duplicate' }
  /** Kept aside as before, or for another reason. */
  | { readonly kind: 'quarantined'; readonly reason: QuarantineReason }
  /** No open entry has this number. */
  | { readonly kind: 'not_found' };

/**
 * Offers an event to the ledger again, once what kept it out has passed: a clock was set right, a newer version knows the
 * field. It goes the way of every event, so that a second replay counts nothing twice.
 */
export const replayQuarantined = async (
  database: Database,
  ingest: Ingest,
  quarantineId: bigint,
): Promise<ReplayOutcome> => {
  const [entry] = await queryRows<{ readonly raw: string; readonly nodeId: string; readonly reason: string }>(
    database,
    `select raw, node_id as "nodeId", reason from billing.quarantine where id = ? and resolved_at is null`,
    [quarantineId],
  );
  if (entry === undefined) return { kind: 'not_found' };
  const receipt = await ingest({ nodeId: entry.nodeId, events: [{ raw: entry.raw }] });
  const [refused] = receipt.quarantined;
  if (refused !== undefined) {
    // Under its new reason it has an entry of its own.
    if (refused.reason !== entry.reason)
      await resolveQuarantined(database, quarantineId, `replayed: ${refused.reason}`);
    return { kind: 'quarantined', reason: refused.reason };
  }
  const kind = receipt.accepted > 0 ? 'accepted' : 'duplicate';
  await resolveQuarantined(database, quarantineId, `replayed: ${kind}`);
  return { kind };
};
