import { queryRows } from '../../database/query-rows.ts';
import { backoffMs } from '../../domain/metering/meter-delivery.ts';
import type { ProviderContext } from '../provider-context.ts';
import type { ReceivedEvent } from './read-webhook.ts';

/** An event as it waits to be dealt with. */
export interface InboxEvent {
  readonly id: string;
  readonly type: string;
  readonly objectId?: string;
  readonly attempts: number;
}

/** Keeps an event once. False when it was here before. */
export const receiveIntoInbox = async (
  { database, environment, now }: Pick<ProviderContext, 'database' | 'environment' | 'now'>,
  { id, type, objectId, createdAt, account }: ReceivedEvent,
): Promise<boolean> => {
  const at = new Date(now());
  const inserted = await database('billing.stripe_inbox')
    .insert({
      ...{ environment, event_id: id, type, object_id: objectId ?? null },
      ...{ created_at: new Date(createdAt), received_at: at, next_attempt_at: at },
      // What happened, not what it was worth: states are fetched, and nobody's address is kept.
      payload: JSON.stringify({ account }),
    })
    .onConflict(['environment', 'event_id'])
    .ignore()
    .returning<readonly { readonly event_id: string }[]>('event_id');
  return inserted.length === 1;
};

/** So many at a time, oldest first. */
const BATCH_SIZE = 100;
/** While somebody deals with an event, nobody else does; after this, that somebody has died. */
const CLAIM_MS = 300_000;

export const claimEvents = async ({ database, environment, now }: ProviderContext): Promise<readonly InboxEvent[]> => {
  const at = now();
  const rows = await queryRows<{
    readonly event_id: string;
    readonly type: string;
    readonly object_id: string | null;
    readonly attempts: number;
  }>(
    database,
    `update stripe_inbox set next_attempt_at = ?, attempts = attempts + 1
     where (environment, event_id) in (
       select environment, event_id from stripe_inbox
       where environment = ? and processed_at is null and next_attempt_at <= ?
       order by created_at, event_id limit ? for update skip locked)
     returning event_id, type, object_id, attempts`,
    [new Date(at + CLAIM_MS), environment, new Date(at), BATCH_SIZE],
  );
  return rows.map(({ event_id: id, type, object_id: objectId, attempts }) => ({
    ...{ id, type, attempts },
    ...(objectId === null ? {} : { objectId }),
  }));
};

export const finishEvent = async (
  { database, environment, now }: ProviderContext,
  { id }: InboxEvent,
  outcome: string,
): Promise<void> => {
  await database('billing.stripe_inbox')
    .where({ environment, event_id: id })
    .update({ processed_at: new Date(now()), outcome, error: null });
};

/** Later again, for ever: the daily poll does the same work, so that a stuck event costs nothing but its row. */
export const postponeEvent = async (
  { database, environment, now, random }: ProviderContext,
  { id, attempts }: InboxEvent,
  error: string,
): Promise<void> => {
  await database('billing.stripe_inbox')
    .where({ environment, event_id: id })
    .update({ next_attempt_at: new Date(now() + backoffMs(attempts, random())), error });
};
