import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasPostgres } from '../../database/testing/test-database.ts';
import { seedCalls } from '../../statements/testing/seed-calls.ts';
import { closeMonth, loadPrices } from '../testing/billing-world.ts';
import { createProviderWorld, type ProviderWorld } from '../testing/provider-world.ts';
import { outboxStatus } from './outbox-status.ts';
import { refreshMeterDays } from './refresh-meter-days.ts';

const march = { firstDay: '2026-03-01', endDay: '2026-04-01' };

describe.skipIf(!hasPostgres)('the totals that meters should hold', () => {
  let world: ProviderWorld;
  beforeEach(async () => {
    world = await createProviderWorld({ start: Date.UTC(2026, 3, 2) });
    await loadPrices(
      world.context,
      `version: 1
tenants:
  - { id: acme, name: Acme GmbH, currency: eur }
  - { id: bolt, name: Bolt Ltd, currency: usd }
prices:
  - { server: weather, tool: '*', currency: eur, model: flat, unit_amount: "0.01", effective_from: 2026-01-01 }
  - { server: weather, tool: forecast, currency: eur, model: flat, unit_amount: "0.01", billable_outcomes: [ok, tool_error], effective_from: 2026-03-15 }
  - { server: weather, tool: forecast, tenant: bolt, currency: usd, model: flat, unit_amount: "0.01", effective_from: 2026-01-01 }`,
    );
  });
  afterEach(() => world.close());

  const seed = (calls: Parameters<typeof seedCalls>[1]): Promise<void> => seedCalls(world.test.database, calls);
  const rows = async (): Promise<readonly string[]> =>
    (
      await world.test
        .database('meter_day')
        .orderBy(['tenant', 'tool', 'day'])
        .select<{ tenant: string; tool: string; day: string; desired_quantity: bigint }[]>('*')
    ).map(({ tenant, tool, day, desired_quantity: quantity }) => `${tenant} ${tool} ${day} ${quantity}`);

  it('sum what the price of the day bills, over applications and kinds that are tools', async () => {
    for (const day of ['2026-03-14', '2026-03-15']) {
      await seed({ day, count: 5 });
      await seed({ day, count: 2, application: 'desk', kind: 'operation' });
      await seed({ day, count: 3, outcome: 'tool_error' });
      await seed({ day, count: 9, outcome: 'refused' });
      await seed({ day, count: 9, kind: 'prompt' });
    }
    await seed({ day: '2026-03-14', count: 4, tool: 'history' });
    await seed({ day: '2026-03-14', count: 6, tenant: 'bolt' });
    expect(await refreshMeterDays(world.context, march)).toBe(4);
    expect(await rows()).toEqual([
      'acme forecast 2026-03-14 7',
      'acme forecast 2026-03-15 10',
      'acme history 2026-03-14 4',
      'bolt forecast 2026-03-14 6',
    ]);
  });

  it('leave out what has no price, no tenant record, or is of another month', async () => {
    await seed({ day: '2026-03-14', count: 4, tool: 'history', tenant: 'bolt' });
    await seed({ day: '2026-03-14', count: 4, server: 'maps', tool: 'route' });
    await seed({ day: '2026-03-14', count: 4, tenant: 'stranger' });
    await seed({ day: '2026-03-14', count: 4, tenant: '' });
    for (const day of ['2026-02-28', '2026-04-01']) await seed({ day, count: 4 });
    expect(await refreshMeterDays(world.context, march)).toBe(0);
  });

  it('change when usage does, and are written then only', async () => {
    await seed({ day: '2026-03-14', count: 5 });
    expect(await refreshMeterDays(world.context, march)).toBe(1);
    expect(await refreshMeterDays(world.context, march)).toBe(0);
    await seed({ day: '2026-03-14', count: 1 });
    expect(await refreshMeterDays(world.context, { ...march, tenant: 'bolt' })).toBe(0);
    expect(await refreshMeterDays(world.context, { ...march, changedSince: new Date('2026-03-20') })).toBe(0);
    expect(await refreshMeterDays(world.context, { ...march, changedSince: new Date('2026-03-01') })).toBe(1);
    expect(await rows()).toEqual(['acme forecast 2026-03-14 6']);
  });

  it('of a sealed month stay as they are; those of other tenants do not', async () => {
    await seed({ day: '2026-03-14', count: 5 });
    await refreshMeterDays(world.context, march);
    await closeMonth(world.context, { start: '2026-03-01', end: '2026-04-01' });
    await seed({ day: '2026-03-14', count: 1 });
    await seed({ day: '2026-03-14', count: 6, tenant: 'bolt' });
    expect(await refreshMeterDays(world.context, march)).toBe(1);
    expect(await rows()).toEqual(['acme forecast 2026-03-14 5', 'bolt forecast 2026-03-14 6']);
  });

  it('are counted for a person: what waits, since when, and why', async () => {
    await seed({ day: '2026-03-14', count: 5 });
    await seed({ day: '2026-03-15', count: 5 });
    await refreshMeterDays(world.context, march);
    await world.test.database('meter_day').where({ day: '2026-03-15' }).update({ state: 'rejected', last_error: 'no' });
    expect(await outboxStatus(world.context)).toEqual({
      ...{ rows: 2n, waiting: 1n, inFlight: 0n, rejected: 1n, tooLate: 0n, notInCatalog: 1n },
      ...{ oldestDay: '2026-03-14', lastError: 'no' },
    });
  });
});
