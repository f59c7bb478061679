import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasPostgres } from '../../database/testing/test-database.ts';
import { seedCalls } from '../../statements/testing/seed-calls.ts';
import { createStripeClient } from '../client/create-stripe-client.ts';
import { applyWholeCatalog, closeMonth, loadPrices, sendUsage } from '../testing/billing-world.ts';
import { createProviderWorld, type ProviderWorld } from '../testing/provider-world.ts';
import { invoiceStatement, invoiceStatements } from './invoice-statement.ts';
import { findInvoice } from './stored-invoice.ts';
import { pollInvoices } from './sync-invoice.ts';

const march = { start: '2026-03-01', end: '2026-04-01' };
const MINUTE_MS = 60_000;
const document = `
version: 1
tenants: [{ id: acme, name: Acme GmbH, currency: eur }]
prices:
  - { server: weather, tool: forecast, currency: eur, model: flat, unit_amount: "0.0033", free_units: 100, effective_from: 2026-01-01 }
  - { server: weather, tool: history, currency: eur, model: package, size: 10, amount: "0.25", effective_from: 2026-01-01 }
  - server: maps
    tool: route
    currency: eur
    model: graduated
    tiers: [{ up_to: 100, unit_amount: "1" }, { unit_amount: "0.333" }]
    effective_from: 2026-01-01
  - { server: maps, tool: unused, currency: eur, model: flat, unit_amount: "7", effective_from: 2026-01-01 }
`;

describe.skipIf(!hasPostgres)('a month that is invoiced by meters', () => {
  let world: ProviderWorld;
  beforeEach(async () => {
    world = await createProviderWorld({ start: Date.UTC(2026, 2, 5, 9) });
    await loadPrices(world.context, document);
  });
  afterEach(() => world.close());

  const use = async (tool: string, days: Readonly<Record<string, number>>, server = 'weather'): Promise<void> => {
    for (const [day, count] of Object.entries(days))
      await seedCalls(world.test.database, { day: `2026-03-${day}`, count, server, tool });
  };
  const usage = async (): Promise<void> => {
    // Before the subscription was made, in its month: it is backdated.
    await use('forecast', { '01': 60, '02': 60, '31': 77 });
    await use('history', { '03': 21 });
    await use('route', { '01': 99, '30': 8 }, 'maps');
    await use('forecast', { '15': 5 });
    await seedCalls(world.test.database, { day: '2026-03-16', count: 9, outcome: 'tool_error' });
  };
  const toLastEvening = (): void => world.advance(Date.UTC(2026, 2, 31, 22) - world.now());
  const toMonthEnd = (): void => world.advance(Date.UTC(2026, 3, 1, 0, 10) - world.now());
  const invoices = () => [...world.double.account.invoices.values()];

  it('ends as the invoice of the subscription, equal to the statement, made final by us', async () => {
    await applyWholeCatalog(world.context);
    await usage();
    toLastEvening();
    await sendUsage(world.context);
    toMonthEnd();
    expect(await pollInvoices(world.context)).toMatchObject({ ok: true, value: { keptOpen: 1 } });
    // The grace of an hour after which Stripe would have made it final.
    world.advance(120 * MINUTE_MS);
    const [statement] = await closeMonth(world.context, march);
    if (statement === undefined) throw new Error('no statement');
    expect(await invoiceStatement(world.context, statement, { finalize: true })).toMatchObject({ kind: 'finalized' });
    expect(invoices()).toHaveLength(1);
    const read = await world.context.provider.readInvoice(invoices()[0]?.id ?? '');
    if (!read.ok) throw new Error(read.error.message);
    // forecast 102 x 0.0033 = 0.3366; history 3 x 0.25; route 100 + 7 x 0.333 = 102.331.
    expect(statement.lines.map(({ tool, amountMinor }) => [tool, amountMinor])).toEqual([
      ['route', 10_233n],
      ['forecast', 34n],
      ['history', 75n],
    ]);
    expect(read.value.subtotalMinor).toBe(statement.subtotalMinor);
    expect(read.value).toMatchObject({ status: 'open', metadata: { statement_id: statement.id } });
    expect(await findInvoice(world.context, { statementId: statement.id })).toMatchObject({ lineMode: 'meters' });
  });

  it('is kept from becoming final in the first hours of the month, although its webhook was lost', async () => {
    await applyWholeCatalog(world.context);
    await usage();
    toLastEvening();
    await sendUsage(world.context);
    toMonthEnd();
    await invoiceStatements(world.context, { finalize: true });
    world.advance(240 * MINUTE_MS);
    expect(invoices()).toMatchObject([{ status: 'draft', autoAdvance: false }]);
  });

  it('takes a correction along as a line that we add', async () => {
    await applyWholeCatalog(world.context);
    await usage();
    toLastEvening();
    await sendUsage(world.context);
    await world.test.database('adjustment').insert({
      ...{ id: 'adj_1', idempotency_key: 'k', tenant: 'acme', server: 'maps', tool: 'route', day: '2026-02-10' },
      ...{ quantity_delta: '-2', amount_minor: '-200', currency: 'eur', reason: 'outage', actor: 'ann' },
      ...{ source: 'manual', settlement: 'next_statement', created_at: new Date(world.now()) },
    });
    toMonthEnd();
    await pollInvoices(world.context);
    const [statement] = await closeMonth(world.context, march);
    if (statement === undefined) throw new Error('no statement');
    expect(await invoiceStatement(world.context, statement, { finalize: true })).toMatchObject({ kind: 'finalized' });
    const read = await world.context.provider.readInvoice(invoices()[0]?.id ?? '');
    if (!read.ok) throw new Error(read.error.message);
    expect(read.value.subtotalMinor).toBe(10_342n - 200n);
    expect(read.value.lines.filter(({ amountMinor }) => amountMinor === -200n)).toHaveLength(1);
  });

  it('sends usage of the last minutes that the month was closed with, and is compared with that', async () => {
    await applyWholeCatalog(world.context);
    await usage();
    toLastEvening();
    await sendUsage(world.context);
    await use('forecast', { '31': 1000 });
    toMonthEnd();
    await pollInvoices(world.context);
    const [statement] = await closeMonth(world.context, march);
    if (statement === undefined) throw new Error('no statement');
    // Recorded after the month was sealed: the next statement has it, and no meter.
    const later = new Date(Date.now() + 60 * MINUTE_MS).toISOString();
    await seedCalls(world.test.database, { day: '2026-03-31', count: 500, recordedAt: later });
    expect(await invoiceStatement(world.context, statement, { finalize: true })).toMatchObject({ kind: 'finalized' });
    const [row] = await world.test.database('meter_day').where({ tool: 'forecast', day: '2026-03-31' }).select('*');
    expect(row).toMatchObject({ desired_quantity: 1077n, acked_quantity: 1077n });
    await sendUsage(world.context, march);
    const [after] = await world.test.database('meter_day').where({ tool: 'forecast', day: '2026-03-31' }).select('*');
    expect(after).toMatchObject({ desired_quantity: 1077n });
  });

  it('waits until Stripe has made the invoice, and is held when the meters were tampered with', async () => {
    await applyWholeCatalog(world.context);
    await usage();
    toLastEvening();
    await sendUsage(world.context);
    world.advance(Date.UTC(2026, 3, 1, 0, 10) - world.now());
    await pollInvoices(world.context);
    const [statement] = await closeMonth(world.context, march);
    if (statement === undefined) throw new Error('no statement');
    await createStripeClient(world.connection).billing.meterEvents.create({
      event_name: 'mcp.maps.unused',
      timestamp: Date.UTC(2026, 2, 20) / 1000,
      payload: { stripe_customer_id: invoices()[0]?.customer ?? '', value: '3' },
    });
    const outcome = await invoiceStatement(world.context, statement, { finalize: true });
    expect(outcome).toMatchObject({ kind: 'held', because: 'it differs from the statement' });
    expect(outcome.kind === 'held' && outcome.differences.join('\n')).toMatch(/21.00 EUR is on the invoice and not/);
    expect(invoices()[0]?.status).toBe('draft');
  });

  it('is invoiced by lines when no subscription counted it, and held while one charges for it too', async () => {
    await usage();
    await applyWholeCatalog(world.context);
    toLastEvening();
    await sendUsage(world.context);
    toMonthEnd();
    await pollInvoices(world.context);
    // As if the subscription had begun later: only our table says so.
    await world.test.database('stripe_subscription').update({ first_month: '2026-04' });
    const [statement] = await closeMonth(world.context, march);
    if (statement === undefined) throw new Error('no statement');
    const outcome = await invoiceStatement(world.context, statement, { finalize: true });
    expect(outcome).toMatchObject({ kind: 'held', because: expect.stringContaining('charges for the same month') });
    const stripe = createStripeClient(world.connection);
    const double = invoices().find(({ subscription }) => subscription !== null);
    await stripe.invoices.finalizeInvoice(double?.id ?? '');
    await stripe.invoices.voidInvoice(double?.id ?? '');
    expect(await invoiceStatement(world.context, statement, { finalize: true })).toMatchObject({ kind: 'finalized' });
  });

  it('goes to a test account too in shadow mode, which leaves no trace on the statement or the tenant', async () => {
    const shadow = world.contextWith({ mode: 'shadow', environment: 'shadow' });
    await usage();
    await applyWholeCatalog(shadow);
    toLastEvening();
    await sendUsage(shadow);
    toMonthEnd();
    expect(await pollInvoices(shadow)).toMatchObject({ ok: true, value: { keptOpen: 1 } });
    const [statement] = await closeMonth(shadow, march);
    if (statement === undefined) throw new Error('no statement');
    expect(await invoiceStatement(shadow, statement, { finalize: true })).toMatchObject({ kind: 'draft' });
    expect(invoices()).toMatchObject([{ status: 'draft' }]);
    expect(await world.test.database('statement').select('state', 'stripe_invoice_id')).toEqual([
      { state: 'sealed', stripe_invoice_id: null },
    ]);
    expect(await world.test.database('tenant').pluck('stripe_customer_id')).toEqual([null]);
  });
});
