import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasPostgres } from '../../database/testing/test-database.ts';
import { createIngest } from '../../ledger/ingest.ts';
import { incoming, newEvents } from '../../ledger/testing/events.ts';
import { seedCalls } from '../../statements/testing/seed-calls.ts';
import { createStripeClient } from '../client/create-stripe-client.ts';
import { invoiceStatement } from '../invoices/invoice-statement.ts';
import { syncInvoice } from '../invoices/sync-invoice.ts';
import { resendDifferences } from '../outbox/resend.ts';
import { sendMeterTotals } from '../outbox/send-meter-totals.ts';
import { applyWholeCatalog, closeMonth, loadPrices, reconciled, sendUsage } from '../testing/billing-world.ts';
import { createProviderWorld, type ProviderWorld } from '../testing/provider-world.ts';
import { listHolds, openHold } from './holds.ts';
import type { ReconciliationReport } from './reconcile.ts';
import { listRunItems, listRuns } from './store-run.ts';

const march = { start: '2026-03-01', end: '2026-04-01' };
const HOUR_MS = 3_600_000;
const document = `
version: 1
tenants:
  - { id: acme, name: Acme GmbH, currency: eur, line_mode: lines }
  - { id: bolt, name: Bolt Ltd, currency: eur, line_mode: lines }
prices:
  - { server: weather, tool: '*', currency: eur, model: flat, unit_amount: "0.01", effective_from: 2026-01-01 }
`;

describe.skipIf(!hasPostgres)('reconciliation', () => {
  let world: ProviderWorld;
  beforeEach(async () => {
    world = await createProviderWorld({ start: Date.UTC(2026, 2, 31, 12) });
    await loadPrices(world.context, document);
    for (const tenant of ['acme', 'bolt'])
      for (const tool of ['forecast', 'history'])
        for (const day of ['2026-03-10', '2026-03-30'])
          await seedCalls(world.test.database, { tenant, tool, day, count: 10 });
    await seedCalls(world.test.database, { day: '2026-03-10', count: 3, outcome: 'refused' });
    await applyWholeCatalog(world.context);
    await sendUsage(world.context);
    world.advance(2 * HOUR_MS);
  });
  afterEach(() => world.close());

  const causes = ({ items }: ReconciliationReport): readonly string[] =>
    items.map(({ hop, cause, tenant = '', tool = '', day = '', expected, found }) =>
      [hop, cause, tenant, tool, day, `${expected}->${found}`].filter((part) => part !== '').join(' '),
    );
  const meterDay = () =>
    world.test.database('meter_day').where({ tenant: 'acme', tool: 'forecast', day: '2026-03-10' });
  const run = () => reconciled(world.context, march);
  const sealAndInvoice = async (): Promise<string> => {
    world.advance(Date.UTC(2026, 3, 1, 6) - world.now());
    const [acme] = await closeMonth(world.context, march);
    if (acme === undefined) throw new Error('no statement');
    const outcome = await invoiceStatement(world.context, acme, { finalize: true });
    if (outcome.kind !== 'finalized') throw new Error(JSON.stringify(outcome));
    return outcome.invoiceId;
  };

  it('counts every tool and day at each hop, and finds nothing where all agree', async () => {
    const report = await run();
    expect(report.items).toEqual([]);
    expect(report.days).toHaveLength(8);
    expect(
      report.days.find(({ tenant, tool, day }) => tenant === 'acme' && tool === 'forecast' && day === '2026-03-10'),
    ).toMatchObject({
      counts: {
        ...{ recorded: 13n, rolledUp: 13n, recordedBillable: 10n, rolledUpBillable: 10n, counted: 10n },
        outbox: { desired: 10n, acked: 10n },
      },
      findings: [],
    });
    expect((await reconciled(world.context, march, 'bolt')).days).toHaveLength(4);
  });

  it('keeps each run with its differences', async () => {
    await meterDay().update({ acked_quantity: 4 });
    const report = await run();
    const [stored] = await listRuns(world.context);
    expect(stored).toMatchObject({ id: report.id, compared: 8, pending: 1, wrong: 1 });
    expect(await listRunItems(world.context, report.id)).toEqual(report.items);
  });

  describe('finds what was lost', () => {
    it('between a node and the ledger: numbers that never came, events that cannot be accepted', async () => {
      const ingest = createIngest(world.test.database);
      const occurredAt = new Date(Date.now() - 60_000).toISOString();
      const events = newEvents(5, { occurredAt });
      const bad = { ...events[4], type: 'something.else' };
      await ingest({ nodeId: 'gw-1', events: incoming([events[0], events[3], bad]) });
      const today = occurredAt.slice(0, 10);
      // Kept aside a moment later, which may be another day.
      const end = new Date(Date.parse(today) + 2 * 86_400_000).toISOString().slice(0, 10);
      const report = await reconciled(world.context, { start: today, end });
      const found = causes(report);
      expect(found[0]).toBe('gateway sequence_gap 5->3');
      expect(found[1]).toBe('ledger quarantined 1->0');
    });

    it.each([
      ['between ledger and rollup', 'rollup rollup_short acme forecast 2026-03-10 10->9', -1],
      ['or was added there', 'rollup rollup_over acme forecast 2026-03-10 10->11', 1],
    ])('%s', async (_, said, change) => {
      await world.test
        .database('usage_day')
        .where({ tenant: 'acme', tool: 'forecast', day: '2026-03-10', outcome: 'ok' })
        .increment('n', change);
      expect(causes(await run())[0]).toBe(said);
    });

    it('between rollup and outbox, and it goes by itself', async () => {
      await seedCalls(world.test.database, { day: '2026-03-10', count: 2, tool: 'forecast' });
      expect(causes(await run())).toEqual(['outbox outbox_stale acme forecast 2026-03-10 12->10']);
      await sendUsage(world.context);
      world.advance(2 * HOUR_MS);
      expect(causes(await run())).toEqual([]);
    });

    it('on the way to the provider: waiting, undecided, refused, too late, not in the catalog', async () => {
      await meterDay().update({ desired_quantity: 11, next_attempt_at: new Date(world.now() + HOUR_MS) });
      expect(causes(await run())).toContain('outbox waiting acme forecast 2026-03-10 11->10');
      await meterDay().update({ inflight_id: 'x', inflight_value: 11 });
      expect(causes(await run())).toContain('outbox in_flight acme forecast 2026-03-10 11->10');
      await meterDay().update({ inflight_id: null, inflight_value: null, state: 'rejected' });
      expect(causes(await run())).toContain('outbox rejected acme forecast 2026-03-10 11->10');
      await meterDay().update({ state: 'too_late' });
      expect(causes(await run())).toContain('outbox too_late acme forecast 2026-03-10 11->10');
      await meterDay().update({ state: 'open' });
      await world.test.database('stripe_object').where({ kind: 'customer', local_id: 'acme' }).delete();
      expect(causes(await run())).toContain('outbox not_in_catalog acme forecast 2026-03-10 11->10');
    });

    it('at the provider: an event that it took and lost is sent again until it counts', async () => {
      const events = [...world.double.account.countedMeterEvents.values()][0] ?? [];
      const [lost] = events.splice(0, 1);
      const report = await run();
      expect(report.items).toMatchObject([{ hop: 'provider', cause: 'provider_short', found: 0n, isPending: false }]);
      expect(report.items[0]?.expected).toBe(BigInt(lost?.value ?? 0));
      expect(await resendDifferences(world.context, report.items)).toBe(1);
      expect(await sendMeterTotals(world.context)).toMatchObject({ accepted: 1 });
      world.advance(2 * HOUR_MS);
      expect((await run()).items).toEqual([]);
    });

    it('at the provider: summaries that lag are told from losses', async () => {
      world.double.account.settings.meterLagSeconds = 1_800;
      await seedCalls(world.test.database, { day: '2026-03-10', count: 2, tool: 'forecast' });
      await sendUsage(world.context);
      expect((await run()).items).toMatchObject([{ cause: 'provider_lag', isPending: true }]);
      world.advance(HOUR_MS);
      expect((await run()).items).toEqual([]);
    });

    it('at the provider: what a stranger sent to our meter', async () => {
      const { customer = '' } = [...world.double.account.countedMeterEvents.values()][0]?.[0] ?? {};
      await createStripeClient(world.connection).billing.meterEvents.create({
        event_name: 'mcp.weather.forecast',
        timestamp: Date.UTC(2026, 2, 11) / 1000,
        payload: { stripe_customer_id: customer, value: '7' },
      });
      world.advance(2 * HOUR_MS);
      expect(causes(await run())).toEqual(['provider provider_over acme forecast 2026-03-11 0->7']);
    });

    it('after the seal: late usage, until it is an adjustment', async () => {
      await sealAndInvoice();
      const recordedAt = new Date(Date.now() + 10 * HOUR_MS).toISOString();
      await seedCalls(world.test.database, { day: '2026-03-30', count: 5, tool: 'history', recordedAt });
      expect(causes(await run())).toContain('statement late_usage acme history 25->20');
      world.advance(Date.UTC(2026, 4, 1, 6) - world.now());
      await closeMonth(world.context, { start: '2026-04-01', end: '2026-05-01' });
      expect(causes(await run()).filter((cause) => cause.startsWith('statement'))).toEqual([]);
    });

    it('at the invoice and the payment', async () => {
      const invoiceId = await sealAndInvoice();
      const ofAcme = async (): Promise<readonly string[]> => causes(await reconciled(world.context, march, 'acme'));
      expect(await ofAcme()).toEqual(['payment unpaid acme 40->0']);
      expect(causes(await reconciled(world.context, march, 'bolt'))).toEqual(['invoice not_invoiced bolt 40->0']);
      await createStripeClient(world.connection).invoices.pay(invoiceId, { paid_out_of_band: true });
      await syncInvoice(world.context, invoiceId);
      expect(await ofAcme()).toEqual([]);
      await world.test.database('stripe_invoice').where({ tenant: 'acme' }).update({ subtotal_minor: 41 });
      expect(await ofAcme()).toEqual(['invoice invoice_differs acme 40->41']);
    });
  });

  it('settles errors that a meter reported once all of its days are equal, and not before', async () => {
    const [meter] = await world.test.database('stripe_meter').where({ tool: 'forecast' }).select('meter_id');
    const meterId = (meter as { readonly meter_id: string }).meter_id;
    await openHold(world.context, { eventId: 'evt_1', meterId, reason: 'meter_errors', detail: 'errors' });
    await openHold(world.context, { eventId: 'evt_2', reason: 'no_meter', detail: 'no meter' });
    world.advance(HOUR_MS);
    const events = [...world.double.account.countedMeterEvents.entries()].find(([key]) => key.startsWith(meterId));
    const [lost] = events?.[1].splice(0, 1) ?? [];
    expect(await run()).toMatchObject({ clearedHolds: 0 });
    if (lost !== undefined) events?.[1].unshift(lost);
    expect(await run()).toMatchObject({ items: [], clearedHolds: 2 });
    expect(await listHolds(world.context)).toEqual([]);
  });
});
