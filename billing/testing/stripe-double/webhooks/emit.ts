import type { Account } from '../state/account.ts';
import type { EventRecord } from '../state/records.ts';

/** Records a snapshot event: the object as it is now. Delivery reads the account's events. */
export function emit(account: Account, type: string, object: object, previous?: Record<string, unknown>): void {
  add(account, {
    id: account.ids.next('evt'),
    kind: 'snapshot',
    type,
    created: account.clock.now(),
    data: structuredClone(object) as Record<string, unknown>,
    ...(previous && { previous }),
    request: account.request,
  });
}

/** Records a thin event; its receivers get a notification and fetch the rest. */
export function emitThin(
  account: Account,
  type: string,
  { data, related }: { data: Record<string, unknown>; related?: EventRecord['related'] },
): void {
  const created = account.clock.now();
  const id = account.ids.next('evt');
  add(account, { id, kind: 'thin', type, created, data, ...(related && { related }), request: account.request });
}

function add(account: Account, event: EventRecord): void {
  account.events.set(event.id, event);
  account.eventLog.push(event);
}
