import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasPostgres } from '../../database/testing/test-database.ts';
import { meterEventName } from '../../domain/metering/meter-names.ts';
import type { ProviderFailure } from '../billing-provider.ts';
import { createStripeClient } from '../client/create-stripe-client.ts';
import { toMeterAnswer } from '../client/stripe-failure.ts';
import { Crash, crashing, createProviderWorld, type ProviderWorld } from '../testing/provider-world.ts';
import { sendMeterTotals } from './send-meter-totals.ts';

const DAY = '2026-11-10';
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

describe.skipIf(!hasPostgres)('the sender of daily totals', () => {
  let world: ProviderWorld;
  let customerId: string;
  const meterIds = new Map<string, string>();

  beforeEach(async () => {
    world = await createProviderWorld();
    customerId = await addCustomer('acme');
    for (const tool of ['search', 'fetch']) await addMeter(tool);
  });
  afterEach(() => world.close());

  const addCustomer = async (tenant: string): Promise<string> => {
    const customer = await world.context.provider.createCustomer({ name: tenant, metadata: { tenant } }, tenant);
    if (!customer.ok) throw new Error(customer.error.message);
    await world.test.database('stripe_object').insert({
      ...{ environment: 'test', kind: 'customer', local_id: tenant },
      ...{ stripe_id: customer.value.id, recorded_at: new Date(world.now()) },
    });
    return customer.value.id;
  };
  const addMeter = async (tool: string): Promise<void> => {
    const eventName = meterEventName('web', tool);
    const meter = await world.context.provider.createMeter({ eventName, displayName: tool }, eventName);
    if (!meter.ok) throw new Error(meter.error.message);
    meterIds.set(tool, meter.value.id);
    await world.test.database('stripe_meter').insert({
      ...{ environment: 'test', server: 'web', tool, meter_id: meter.value.id },
      ...{ event_name: eventName, recorded_at: new Date(world.now()) },
    });
  };
  const desire = async (quantity: number, { tool = 'search', day = DAY, tenant = 'acme' } = {}): Promise<void> => {
    await world.test
      .database('meter_day')
      .insert({
        ...{ environment: 'test', tenant, server: 'web', tool, day },
        ...{ desired_quantity: quantity, next_attempt_at: new Date(world.now()) },
      })
      .onConflict(['environment', 'tenant', 'server', 'tool', 'day'])
      .merge(['desired_quantity']);
  };
  const row = async (tool = 'search', day = DAY) =>
    (await world.test.database('meter_day').where({ tool, day }).first()) as Record<string, unknown>;
  const counted = async (tool = 'search'): Promise<ReadonlyMap<string, bigint>> => {
    const totals = await world.context.provider.meterTotals({
      meterId: meterIds.get(tool) ?? '',
      customerId,
      firstDay: '2026-11-01',
      endDay: '2026-12-01',
    });
    if (!totals.ok) throw new Error(totals.error.message);
    return totals.value;
  };
  const sent = (): readonly string[] =>
    world.double.account.meterEvents.map(({ identifier }) => identifier.split(':').slice(3).join(':'));

  it('sends each total once and again when it has grown; the meter holds the last', async () => {
    await desire(3);
    await desire(2, { tool: 'fetch' });
    expect(await sendMeterTotals(world.context)).toMatchObject({ accepted: 2, unavailable: 0 });
    expect(await sendMeterTotals(world.context)).toMatchObject({ accepted: 0 });
    await desire(5);
    expect(await sendMeterTotals(world.context)).toMatchObject({ accepted: 1 });
    expect(sent()).toEqual([`fetch:${DAY}:r1:2`, `search:${DAY}:r1:3`, `search:${DAY}:r2:5`]);
    expect(await counted()).toEqual(new Map([[DAY, 5n]]));
    expect(await row()).toMatchObject({ acked_quantity: 5n, revision: 2, inflight_id: null, claimed_until: null });
  });

  it('repeats an attempt under its name after a timeout, although the total has grown, and sends the growth after it', async () => {
    await desire(3);
    world.double.faults.add({ kind: 'timeout-after-apply', path: '/v1/billing/meter_events', times: 1 });
    expect(await sendMeterTotals(world.context)).toMatchObject({ unavailable: 1, isProviderDown: true });
    expect(await row()).toMatchObject({ inflight_value: 3n, attempts: 1, acked_quantity: 0n });
    await desire(7);
    world.advance(HOUR_MS);
    expect(await sendMeterTotals(world.context)).toMatchObject({ accepted: 2 });
    expect(sent()).toEqual([`search:${DAY}:r1:3`, `search:${DAY}:r2:7`]);
    expect(await counted()).toEqual(new Map([[DAY, 7n]]));
  });

  it('takes "already exists" for yes', async () => {
    await desire(3);
    const identifier = `test:acme:web:search:${DAY}:r1:3`;
    await createStripeClient(world.connection).billing.meterEvents.create({
      event_name: meterEventName('web', 'search'),
      identifier,
      timestamp: Date.parse(DAY) / 1000,
      payload: { stripe_customer_id: customerId, value: '3' },
    });
    expect(await sendMeterTotals(world.context)).toMatchObject({ alreadyKnown: 1, accepted: 0 });
    expect(await row()).toMatchObject({ acked_quantity: 3n, inflight_id: null });
  });

  it('sends an undecided total again after 30 hours, when its name is forgotten, and then the newer one', async () => {
    await desire(3);
    world.double.faults.add({ kind: 'timeout-after-apply', path: '/v1/billing/meter_events', times: 1 });
    await sendMeterTotals(world.context);
    world.double.faults.addOutage({ from: world.now() / 1000, to: world.now() / 1000 + 30 * 3600 });
    await desire(9);
    for (let hour = 0; hour < 31; hour++) {
      world.advance(HOUR_MS);
      await sendMeterTotals(world.context);
    }
    expect(sent()).toEqual([`search:${DAY}:r1:3`, `search:${DAY}:r1:3`, `search:${DAY}:r2:9`]);
    expect(await counted()).toEqual(new Map([[DAY, 9n]]));
  });

  it.each(['before', 'after'] as const)(
    'loses and doubles nothing when its process dies %s the call',
    async (moment) => {
      await desire(4);
      const dying = world.contextWith({ provider: crashing(world.context.provider, () => moment) });
      await expect(sendMeterTotals(dying)).rejects.toThrow(Crash);
      await desire(6);
      // The claim of the dead process holds for two minutes.
      expect(await sendMeterTotals(world.context)).toMatchObject({ accepted: 0, alreadyKnown: 0 });
      world.advance(2 * MINUTE_MS);
      const report = await sendMeterTotals(world.context);
      expect(report.accepted + report.alreadyKnown).toBe(2);
      expect(await counted()).toEqual(new Map([[DAY, 6n]]));
    },
  );

  it('ignores the answer of a process that slept while another went on', async () => {
    await desire(4);
    let wake = (): void => undefined;
    const asleep = new Promise<void>((resolve) => (wake = resolve));
    const sleeper = world.contextWith({
      provider: {
        ...world.context.provider,
        sendMeterTotal: async (total) => {
          const answer = await world.context.provider.sendMeterTotal(total);
          await asleep;
          return answer;
        },
      },
    });
    const sleeping = sendMeterTotals(sleeper);
    while (world.double.account.meterEvents.length === 0) await new Promise((resolve) => setImmediate(resolve));
    world.advance(2 * MINUTE_MS);
    await sendMeterTotals(world.context);
    await desire(8);
    await sendMeterTotals(world.context);
    wake();
    await sleeping;
    expect(await row()).toMatchObject({ acked_quantity: 8n, revision: 2, inflight_id: null });
    expect(await counted()).toEqual(new Map([[DAY, 8n]]));
  });

  it('has one call under way for a customer and meter, whatever days and processes there are', async () => {
    const days = ['2026-11-07', '2026-11-08', '2026-11-09', DAY];
    for (const day of days) for (const tool of ['search', 'fetch']) await desire(1, { day, tool });
    const open = new Map<string, number>();
    let most = 0;
    const provider = {
      ...world.context.provider,
      sendMeterTotal: async (total: Parameters<typeof world.context.provider.sendMeterTotal>[0]) => {
        const key = `${total.customerId} ${total.eventName}`;
        open.set(key, (open.get(key) ?? 0) + 1);
        most = Math.max(most, open.get(key) ?? 0);
        const answer = await world.context.provider.sendMeterTotal(total);
        open.set(key, (open.get(key) ?? 0) - 1);
        return answer;
      },
    };
    const contexts = [1, 2, 3].map(() => world.contextWith({ provider }));
    await Promise.all(contexts.map((context) => sendMeterTotals(context)));
    await sendMeterTotals(world.context);
    expect(most).toBe(1);
    expect((await counted()).size).toBe(4);
    expect((await counted('fetch')).size).toBe(4);
  });

  it('backs off from 429 by itself, with the row kept, and stops the run when nothing answers', async () => {
    await desire(1);
    world.double.faults.add({ kind: 'rate-limit', path: '/v1/billing/meter_events', times: 3 });
    const tries = [];
    for (let minute = 0; minute < 5; minute++) {
      tries.push((await sendMeterTotals(world.context)).unavailable);
      world.advance(MINUTE_MS);
    }
    expect(tries).toEqual([1, 1, 1, 0, 0]);
    expect(await row()).toMatchObject({ acked_quantity: 1n, attempts: 0, last_error: null });
  });

  it('gives up a day of 35 days ago without a call, also one whose attempt is undecided', async () => {
    await desire(1, { day: '2026-10-06' });
    await desire(1);
    world.double.faults.add({ kind: 'timeout-before-apply', path: '/v1/billing/meter_events' });
    expect(await sendMeterTotals(world.context)).toMatchObject({ tooLate: 1, unavailable: 1 });
    expect(await row('search', '2026-10-06')).toMatchObject({ state: 'too_late', acked_quantity: 0n, revision: 0 });
    world.double.faults.clear();
    world.advance(35 * 24 * HOUR_MS);
    expect(await sendMeterTotals(world.context)).toMatchObject({ tooLate: 1, accepted: 0 });
    expect(sent()).toEqual([]);
  });

  it('stops at a refusal and keeps its words; a wrong key is not a refusal of the row', async () => {
    const refuse = (failure: ProviderFailure) =>
      world.contextWith({
        provider: { ...world.context.provider, sendMeterTotal: () => Promise.resolve(toMeterAnswer(failure)) },
      });
    await desire(1);
    await sendMeterTotals(refuse({ kind: 'unauthorized', message: 'Invalid API Key' }));
    expect(await row()).toMatchObject({ state: 'open', attempts: 1, last_error: 'Invalid API Key' });
    world.advance(HOUR_MS);
    await sendMeterTotals(refuse({ kind: 'refused', message: 'No such meter.' }));
    expect(await row()).toMatchObject({ state: 'rejected', last_error: 'No such meter.', inflight_id: null });
    expect(await sendMeterTotals(world.context)).toMatchObject({ accepted: 0 });
  });

  it('leaves rows alone whose tenant has no customer or whose tool has no meter', async () => {
    await desire(1, { tenant: 'nobody' });
    await desire(1, { tool: 'unknown' });
    expect(await sendMeterTotals(world.context)).toMatchObject({ accepted: 0, unavailable: 0, isProviderDown: false });
  });

  it('waits for its turn: 120 totals at 50 a second take more than a second of the clock', async () => {
    for (let index = 0; index < 60; index++) {
      const tenant = `t${index}`;
      await addCustomer(tenant);
      for (const tool of ['search', 'fetch']) await desire(1, { tenant, tool });
    }
    const before = world.now();
    expect(await sendMeterTotals(world.context)).toMatchObject({ accepted: 120 });
    expect(world.now() - before).toBeGreaterThan(1_000);
  });
});
