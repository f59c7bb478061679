import type Stripe from 'stripe';
import { endpoint } from '../http/endpoint.ts';
import { newestFirst, toPage } from '../http/list.ts';
import type { Account } from '../state/account.ts';
import type { TestClockRecord } from '../state/records.ts';
import { invalidRequest, noSuch } from '../state/stripe-failure.ts';
import type { Wire } from '../state/wire.ts';
import { emit } from '../webhooks/emit.ts';

const deletedAfterSeconds = 30 * 24 * 3600;

export const testClockEndpoints = [
  endpoint('POST /v1/test_helpers/test_clocks', 'TestClockCreate', ({ account, params }) => {
    const clock: TestClockRecord = {
      id: account.ids.next('clock'),
      created: account.clock.now(),
      name: params.name ?? null,
      frozenTime: params.frozen_time,
      status: 'ready',
    };
    account.testClocks.set(clock.id, clock);
    return toTestClock(clock);
  }),

  endpoint('GET /v1/test_helpers/test_clocks', 'TestClockList', ({ account, params }) => {
    const url = '/v1/test_helpers/test_clocks';
    const clocks = newestFirst(account.testClocks);
    return toPage(clocks, params, { kind: 'test clock', url, idOf: (clock) => clock.id, toItem: toTestClock });
  }),

  endpoint('GET /v1/test_helpers/test_clocks/:id', 'Retrieve', ({ account, id }) => {
    const clock = requireClock(account, id);
    const shown = toTestClock(clock);
    // The work is done with the request that moved the clock; who asks once more is told so.
    clock.status = 'ready';
    return shown;
  }),

  /** Answers `advancing`: callers must wait for `ready`, as with Stripe. */
  endpoint('POST /v1/test_helpers/test_clocks/:id/advance', 'TestClockAdvance', ({ account, params, id }) => {
    const clock = requireClock(account, id);
    if (params.frozen_time <= clock.frozenTime) {
      throw invalidRequest('`frozen_time` must be after the current frozen time.', { param: 'frozen_time' });
    }
    clock.frozenTime = params.frozen_time;
    clock.status = 'advancing';
    emit(account, 'test_helpers.test_clock.advancing', toTestClock(clock));
    emit(account, 'test_helpers.test_clock.ready', { ...toTestClock(clock), status: 'ready' });
    return toTestClock(clock);
  }),

  endpoint('DELETE /v1/test_helpers/test_clocks/:id', 'Retrieve', ({ account, id }) => {
    requireClock(account, id);
    account.testClocks.delete(id);
    for (const customer of account.customers.values()) {
      if (customer.testClock !== id) continue;
      customer.deleted = true;
      for (const subscription of account.subscriptions.values()) {
        if (subscription.customer === customer.id) subscription.status = 'canceled';
      }
    }
    return { id, object: 'test_helpers.test_clock', deleted: true } satisfies Wire<Stripe.TestHelpers.DeletedTestClock>;
  }),
];

function requireClock(account: Account, id: string): TestClockRecord {
  const clock = account.testClocks.get(id);
  if (!clock) throw noSuch('test clock', id);
  return clock;
}

function toTestClock(clock: TestClockRecord) {
  return {
    id: clock.id,
    object: 'test_helpers.test_clock',
    created: clock.created,
    deletes_after: clock.created + deletedAfterSeconds,
    frozen_time: clock.frozenTime,
    livemode: false,
    name: clock.name,
    status: clock.status,
    status_details: clock.status === 'advancing' ? { advancing: { target_frozen_time: clock.frozenTime } } : {},
  } satisfies Wire<Stripe.TestHelpers.TestClock>;
}
