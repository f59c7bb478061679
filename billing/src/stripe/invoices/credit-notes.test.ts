import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasPostgres } from '../../database/testing/test-database.ts';
import { insertAdjustments, listAdjustments } from '../../statements/adjustment-store.ts';
import { seedCalls } from '../../statements/testing/seed-calls.ts';
import { createStripeClient } from '../client/create-stripe-client.ts';
import { applyWholeCatalog, closeMonth, loadPrices, sendUsage } from '../testing/billing-world.ts';
import { Crash, crashing, createProviderWorld, type ProviderWorld } from '../testing/provider-world.ts';
import { issueCreditNotes } from './credit-notes.ts';
import { invoiceStatement } from './invoice-statement.ts';

const march = { start: '2026-03-01', end: '2026-04-01' };
const HOUR_MS = 3_600_000;

describe.skipIf(!hasPostgres)('credit notes', () => {
  let world: ProviderWorld;
  let statementId: string;
  let invoiceId: string;
  beforeEach(async () => {
    world = await createProviderWorld({ start: Date.UTC(2026, 2, 31, 12) });
    await loadPrices(
      world.context,
      `version: 1
tenants: [{ id: acme, name: Acme GmbH, currency: eur, line_mode: lines }]
prices: [{ server: weather, tool: forecast, currency: eur, model: flat, unit_amount: "0.5", effective_from: 2026-01-01 }]`,
    );
    await seedCalls(world.test.database, { day: '2026-03-10', count: 20 });
    await applyWholeCatalog(world.context);
    await sendUsage(world.context);
    world.advance(Date.UTC(2026, 3, 1, 6) - world.now());
    const [statement] = await closeMonth(world.context, march);
    if (statement === undefined) throw new Error('no statement');
    const outcome = await invoiceStatement(world.context, statement, { finalize: false });
    statementId = statement.id;
    invoiceId = outcome.kind === 'draft' ? outcome.invoiceId : '';
  });
  afterEach(() => world.close());

  const finalize = () => createStripeClient(world.connection).invoices.finalizeInvoice(invoiceId);
  const credit = (amountMinor: bigint, key = 'k1', sourceLineNo = 1): Promise<void> =>
    insertAdjustments(world.test.database, [
      {
        ...{ idempotencyKey: key, tenant: 'acme', server: 'weather', tool: 'forecast', day: '2026-03-10' },
        ...{ quantityDelta: -4n, amountMinor, currency: 'eur', reason: 'outage of the 10th', actor: 'ann' },
        ...{ source: 'credit', settlement: 'credit_note', sourceStatementId: statementId, sourceLineNo },
        createdAt: new Date(world.now()),
      },
    ]);
  const notes = () => [...world.double.account.creditNotes.values()];
  const outcomes = async () => (await issueCreditNotes(world.context)).map(({ outcome }) => outcome);

  it('give back part of a line of a final invoice, once', async () => {
    await finalize();
    await credit(-200n);
    expect(await outcomes()).toMatchObject([{ kind: 'issued' }]);
    expect(notes()).toMatchObject([{ amount: 200, invoice: invoiceId, memo: 'outage of the 10th' }]);
    const [adjustment] = await listAdjustments(world.test.database, { source: 'credit' });
    expect(adjustment?.stripeCreditNoteId).toBe(notes()[0]?.id);
    expect(notes()[0]?.metadata).toMatchObject({ adjustment_id: adjustment?.id, statement_id: statementId });
    expect(notes()[0]?.lines).toMatchObject([{ kind: 'invoice_line_item', amount: 200 }]);
    expect(await outcomes()).toEqual([]);
    expect(await world.context.provider.readInvoice(invoiceId)).toMatchObject({ value: { amountDueMinor: 800n } });
  });

  it('wait for the invoice to be final, and go to the balance of who has paid', async () => {
    await credit(-200n);
    expect(await outcomes()).toMatchObject([{ kind: 'waiting' }]);
    await finalize();
    await createStripeClient(world.connection).invoices.pay(invoiceId, { paid_out_of_band: true });
    expect(await outcomes()).toMatchObject([{ kind: 'issued' }]);
    expect(notes()).toMatchObject([{ amount: 200, postPayment: 200 }]);
  });

  it.each(['before', 'after'] as const)(
    'are issued once when the process dies %s the call, also days later',
    async (moment) => {
      await finalize();
      await credit(-200n);
      const dying = world.contextWith({
        provider: crashing(world.context.provider, (name) => (name === 'createCreditNote' ? moment : undefined)),
      });
      await expect(issueCreditNotes(dying)).rejects.toThrow(Crash);
      world.advance(30 * HOUR_MS);
      expect(await outcomes()).toMatchObject([{ kind: 'issued' }]);
      expect(notes()).toHaveLength(1);
    },
  );

  it('are refused with the reason when nothing is owed, or more than there is', async () => {
    await finalize();
    await credit(100n);
    await credit(-1_001n, 'k2');
    expect((await outcomes()).map((outcome) => outcome.kind === 'refused' && outcome.because).sort()).toEqual([
      '1.00 EUR is not given back: bill it on the next statement.',
      expect.stringMatching(/1001.*exceeds/),
    ]);
    await createStripeClient(world.connection).invoices.voidInvoice(invoiceId);
    await credit(-100n, 'k3');
    expect(await outcomes()).toContainEqual({
      kind: 'refused',
      because: `invoice ${invoiceId} is void: nothing is owed`,
    });
    expect(notes()).toEqual([]);
  });
});
