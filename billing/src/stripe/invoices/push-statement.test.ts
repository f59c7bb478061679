import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasPostgres } from '../../database/testing/test-database.ts';
import type { ProviderInvoice } from '../billing-provider.ts';
import { createStripeClient } from '../client/create-stripe-client.ts';
import type { ProviderContext } from '../provider-context.ts';
import { saveObject, toolKey } from '../provider-objects.ts';
import { Crash, crashing, createProviderWorld, type ProviderWorld } from '../testing/provider-world.ts';
import { sealedStatement, statementLine } from '../testing/statements.ts';
import { pushPreview, pushStatement } from './push-statement.ts';
import { findInvoice } from './stored-invoice.ts';

const HOUR_MS = 3_600_000;
const options = { lineMode: 'lines', finalize: true } as const;

describe.skipIf(!hasPostgres)('pushing a statement as lines', () => {
  let world: ProviderWorld;
  beforeEach(async () => {
    world = await createProviderWorld();
    const customer = await world.context.provider.createCustomer(
      { name: 'Acme', metadata: { tenant: 'acme' } },
      'acme',
    );
    if (!customer.ok) throw new Error(customer.error.message);
    await saveObject(world.context, { kind: 'customer', localId: 'acme', id: customer.value.id });
  });
  afterEach(() => world.close());

  const invoices = () => [...world.double.account.invoices.values()];
  const theInvoice = async (): Promise<ProviderInvoice> => {
    expect(invoices()).toHaveLength(1);
    const read = await world.context.provider.readInvoice(invoices()[0]?.id ?? '');
    if (!read.ok) throw new Error(read.error.message);
    return read.value;
  };
  const stored = (id = sealedStatement(1).id) => findInvoice(world.context, { statementId: id });

  it('makes one invoice with a line a tool, equal to the minor unit, and makes it final', async () => {
    const product = await world.context.provider.createProduct({ name: 'Search', metadata: {} }, 'p');
    if (!product.ok) throw new Error(product.error.message);
    await saveObject(world.context, { kind: 'product', localId: toolKey('web', 'tool-1'), id: product.value.id });
    const statement = sealedStatement(30);
    expect(await pushStatement(world.context, statement, options)).toMatchObject({ kind: 'finalized' });
    const invoice = await theInvoice();
    expect(invoice).toMatchObject({ status: 'open', currency: 'eur', subtotalMinor: 7_500n });
    expect(invoice.metadata).toMatchObject({ statement_id: statement.id, tenant: 'acme', environment: 'test' });
    expect(invoice.lines).toHaveLength(30);
    expect(invoice.lines.find(({ metadata }) => metadata['statement_line'] === '1')).toMatchObject({
      amountMinor: 250n,
      quantity: '1000',
      productId: product.value.id,
      metadata: { statement_id: statement.id, evidence_sha256: 'cd'.repeat(32), server: 'web', tool: 'tool-1' },
    });
    expect(await stored()).toMatchObject({ state: 'finalized', subtotalMinor: 7_500n, differences: [] });
  });

  it('sends bare amounts where units times price is not ours, credits among them', async () => {
    const lines = [
      statementLine(1, { amountMinor: 251n }),
      statementLine(2, { kind: 'free', freeQuantity: 1_000n, amountMinor: 0n }),
      statementLine(3, { kind: 'adjustment', quantity: -10n, amountMinor: -3n }),
    ];
    expect(await pushStatement(world.context, sealedStatement(0, { lines }), options)).toMatchObject({
      kind: 'finalized',
    });
    const invoice = await theInvoice();
    expect(invoice.lines.map(({ amountMinor }) => amountMinor).sort()).toEqual([-3n, 0n, 251n]);
    expect(invoice.subtotalMinor).toBe(248n);
  });

  it('fits 260 lines into 250 with a link', async () => {
    const link = 'https://billing.example/v1/statements/stm_1';
    expect(await pushStatement(world.context, sealedStatement(260), { ...options, link })).toMatchObject({
      kind: 'finalized',
    });
    const invoice = await theInvoice();
    expect(invoice.lines).toHaveLength(250);
    expect(
      invoice.lines.some(({ description }) => description === `Other tools (11 lines of the statement): ${link}`),
    ).toBe(true);
    expect(invoice.subtotalMinor).toBe(65_000n);
  });

  it('leaves a draft when asked to, and makes it final the next time', async () => {
    const statement = sealedStatement(2);
    expect(await pushStatement(world.context, statement, { ...options, finalize: false })).toMatchObject({
      kind: 'draft',
    });
    expect(await theInvoice()).toMatchObject({ status: 'draft' });
    expect(await stored()).toMatchObject({ state: 'verified' });
    expect(await pushStatement(world.context, statement, options)).toMatchObject({ kind: 'finalized' });
    expect(await pushStatement(world.context, statement, options)).toMatchObject({ kind: 'done', state: 'finalized' });
    expect(await theInvoice()).toMatchObject({ status: 'open' });
  });

  it('never makes anything final in shadow mode', async () => {
    const shadow = world.contextWith({ mode: 'shadow' });
    expect(await pushStatement(shadow, sealedStatement(2), options)).toMatchObject({ kind: 'draft' });
    expect(await theInvoice()).toMatchObject({ status: 'draft' });
  });

  it('makes previews that never become final, and the same one for the same content', async () => {
    const preview = sealedStatement(3);
    const first = await pushPreview(world.context, preview);
    expect(first).toMatchObject({ kind: 'draft' });
    expect(await pushPreview(world.context, preview)).toEqual(first);
    expect(await theInvoice()).toMatchObject({ status: 'draft', subtotalMinor: 750n });
    expect(await pushStatement(world.context, preview, options)).toMatchObject({ kind: 'finalized' });
    expect(
      invoices()
        .map(({ status }) => status)
        .sort(),
    ).toEqual(['draft', 'open']);
  });

  it('does nothing for a statement without lines, and holds one whose tenant has no customer', async () => {
    expect(await pushStatement(world.context, sealedStatement(0), options)).toEqual({ kind: 'nothing_to_invoice' });
    const stranger = sealedStatement(1, { id: 'stm_x', tenant: 'nobody' });
    expect(await pushStatement(world.context, stranger, options)).toMatchObject({
      kind: 'held',
      because: 'tenant nobody has no customer: run stoa-billing catalog apply',
    });
    expect(invoices()).toEqual([]);
  });

  describe('the parity gate', () => {
    const stripe = () => createStripeClient(world.connection);
    const tamper = (change: (invoiceId: string) => Promise<unknown>): ProviderContext =>
      world.contextWith({
        provider: {
          ...world.context.provider,
          addInvoiceLines: async (invoiceId, lines, key) => {
            const added = await world.context.provider.addInvoiceLines(invoiceId, lines, key);
            await change(invoiceId);
            return added;
          },
        },
      });

    it.each([
      [
        'somebody adds a line',
        (invoiceId: string) => stripe().invoices.addLines(invoiceId, { lines: [{ amount: 1, description: 'coffee' }] }),
        /is on the invoice and not on the statement/,
      ],
      [
        'a line has another amount',
        async (invoiceId: string) => {
          const lines = await stripe().invoices.listLineItems(invoiceId);
          const line = lines.data.find(({ metadata }) => metadata['statement_line'] === '1');
          await stripe().invoices.updateLines(invoiceId, { lines: [{ id: line?.id ?? '', amount: 249 }] });
        },
        /line 1: statement 2.50 EUR, invoice 2.49 EUR/,
      ],
      [
        'a line is gone',
        async (invoiceId: string) => {
          const lines = await stripe().invoices.listLineItems(invoiceId);
          const line = lines.data.find(({ metadata }) => metadata['statement_line'] === '2');
          await stripe().invoices.removeLines(invoiceId, { lines: [{ id: line?.id ?? '', behavior: 'delete' }] });
        },
        /line 2: 2.50 EUR is not on the invoice/,
      ],
    ])('holds the invoice as a draft when %s', async (_, change, said) => {
      const outcome = await pushStatement(tamper(change), sealedStatement(2), options);
      expect(outcome).toMatchObject({ kind: 'held', because: 'it differs from the statement' });
      expect(outcome.kind === 'held' && outcome.differences.join()).toMatch(said);
      expect((await theInvoice()).status).toBe('draft');
      expect(await stored()).toMatchObject({ state: 'held', heldBecause: 'it differs from the statement' });
    });

    it('holds for a reason that others find, and lets go when it is gone', async () => {
      const reasons = [{ text: 'web/tool-1 on 2026-10-05: the provider counted 9 of 10', isPending: false }];
      const findReasonsToHold = () => Promise.resolve(reasons);
      const outcome = await pushStatement(world.context, sealedStatement(1), { ...options, findReasonsToHold });
      expect(outcome).toMatchObject({ kind: 'held', because: reasons[0]?.text });
      reasons.length = 0;
      expect(await pushStatement(world.context, sealedStatement(1), { ...options, findReasonsToHold })).toMatchObject({
        kind: 'finalized',
      });
    });

    it('waits for a reason that goes by itself', async () => {
      const findReasonsToHold = () => Promise.resolve([{ text: 'the provider counts with a delay', isPending: true }]);
      expect(await pushStatement(world.context, sealedStatement(1), { ...options, findReasonsToHold })).toEqual({
        kind: 'waiting',
        because: 'the provider counts with a delay',
      });
      expect(await stored()).toMatchObject({ state: 'verified', status: 'draft' });
    });

    it('tells when somebody made a differing invoice final by hand', async () => {
      const spoil = (invoiceId: string) =>
        stripe().invoices.addLines(invoiceId, { lines: [{ amount: 1, description: 'coffee' }] });
      await pushStatement(tamper(spoil), sealedStatement(1), options);
      await stripe().invoices.finalizeInvoice(invoices()[0]?.id ?? '');
      expect(await pushStatement(world.context, sealedStatement(1), options)).toMatchObject({ kind: 'done' });
      expect(await stored()).toMatchObject({
        state: 'finalized',
        heldBecause: 'it is final and differs from the statement',
      });
    });
  });

  describe('again after a failure', () => {
    const pushUntilFinal = async (context: ProviderContext): Promise<void> => {
      for (let tries = 0; tries < 60; tries++) {
        const outcome = await pushStatement(context, sealedStatement(5), options);
        if (outcome.kind === 'finalized' || outcome.kind === 'done') return;
        expect(outcome.kind).toBe('waiting');
        world.advance(HOUR_MS);
      }
      throw new Error('It never became final.');
    };

    it.each([
      ['timeout-before-apply', '/v1/invoices'],
      ['timeout-after-apply', '/v1/invoices'],
      ['error-500', '/v1/invoices'],
      ['rate-limit', '/v1/invoices'],
    ] as const)('%s of any call leaves one invoice with each line once', async (kind, path) => {
      // Each call in turn fails four times, which is once for a push.
      for (let after = 0; after < 8; after++) world.double.faults.add({ kind, path, times: 4, after: after * 5 });
      await pushUntilFinal(world.context);
      const invoice = await theInvoice();
      expect(invoice.lines).toHaveLength(5);
      expect(invoice).toMatchObject({ status: 'open', subtotalMinor: 1_250n });
    });

    it('a lost answer and 30 hours without Stripe: the invoice is found, not made twice', async () => {
      world.double.faults.add({ kind: 'timeout-after-apply', method: 'POST', path: '/v1/invoices', times: 4 });
      expect(await pushStatement(world.context, sealedStatement(5), options)).toMatchObject({ kind: 'waiting' });
      expect(await stored()).toMatchObject({ state: 'creating' });
      world.double.faults.addOutage({ from: world.now() / 1000, to: world.now() / 1000 + 30 * 3600 });
      await pushUntilFinal(world.context);
      expect((await theInvoice()).lines).toHaveLength(5);
    });

    it.each(['before', 'after'] as const)(
      'a process that dies %s each call in turn leaves one invoice',
      async (moment) => {
        const calls = ['createInvoice', 'readInvoice', 'addInvoiceLines', 'finalizeInvoice'];
        for (const call of calls) {
          const dying = world.contextWith({
            provider: crashing(world.context.provider, (name) => (name === call ? moment : undefined)),
          });
          await pushStatement(dying, sealedStatement(5), options).catch((error: unknown) => {
            expect(error).toBeInstanceOf(Crash);
          });
          world.advance(25 * HOUR_MS);
        }
        await pushUntilFinal(world.context);
        expect((await theInvoice()).lines).toHaveLength(5);
      },
    );

    it('two processes at once leave one invoice with each line once', async () => {
      await Promise.all([1, 2, 3].map(() => pushStatement(world.context, sealedStatement(5), options)));
      await pushUntilFinal(world.context);
      expect(await theInvoice()).toMatchObject({ subtotalMinor: 1_250n });
    });
  });
});
