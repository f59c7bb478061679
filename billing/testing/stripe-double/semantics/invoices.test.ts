import type Stripe from 'stripe';
import { expect, it } from 'vitest';
import { decimal, idOf, onDouble, refusalOf, semantics } from './targets.ts';

semantics('Invoices', (target) => {
  const draft = async (more: Partial<Stripe.InvoiceCreateParams> = {}) => {
    const { stripe } = target();
    const customer = await stripe.customers.create({ name: 'Acme', email: 'finance@example.com' });
    const product = await stripe.products.create({ name: 'search' });
    const invoice = await stripe.invoices.create({
      customer: customer.id,
      currency: 'eur',
      collection_method: 'send_invoice',
      days_until_due: 30,
      auto_advance: false,
      pending_invoice_items_behavior: 'exclude',
      ...more,
    });
    const line = (quantity: string, unitAmount: string, more: object = {}) => ({
      price_data: { currency: 'eur', product: product.id, unit_amount_decimal: decimal(unitAmount) },
      quantity_decimal: decimal(quantity),
      ...more,
    });
    return { id: idOf(invoice), customer, product, invoice, line };
  };
  const lineCount = async (id: string) =>
    (await target().stripe.invoices.listLineItems(id, { limit: 100 }).autoPagingToArray({ limit: 300 })).length;

  it('start as drafts that do not advance by themselves', async () => {
    const { invoice } = await draft();
    expect(invoice).toMatchObject({
      status: 'draft',
      auto_advance: false,
      automatically_finalizes_at: null,
      number: null,
    });
  });

  it.each([
    ['30', '0.05', 2, '1.5 goes up'],
    ['1', '0.5', 1, 'half goes up'],
    ['1', '0.4999', 0, 'less than half goes down'],
    ['3', '33.333333333333', 100, '99.999999999999'],
    ['1000000', '0.000001', 1, 'exact'],
    ['2.5', '3', 8, '7.5 goes up'],
  ])('round a line once: %s x %s is %i (%s)', async (quantity, unitAmount, amount) => {
    const { id, line } = await draft();
    const { subtotal, lines } = await target().stripe.invoices.addLines(id, { lines: [line(quantity, unitAmount)] });
    expect([subtotal, lines.data[0]?.amount]).toEqual([amount, amount]);
  });

  it('sum rounded lines: two lines of 0.5 are 2, not 1', async () => {
    const { id, line } = await draft();
    const invoice = await target().stripe.invoices.addLines(id, { lines: [line('1', '0.5'), line('1', '0.5')] });
    expect(invoice.subtotal).toBe(2);
  });

  it('take all lines in one call, each with its price, quantity, period and metadata', async () => {
    const { id, line, product } = await draft({ metadata: { statement_id: 'st_1' } });
    const period = { start: target().now() - 86_400, end: target().now() };
    const lines = [
      line('120', '2.5', { description: 'search, 120 calls', metadata: { statement_line: '1' }, period }),
      { amount: -100, description: 'Credit', metadata: { statement_line: '2' } },
    ];
    const invoice = await target().stripe.invoices.addLines(id, { lines, invoice_metadata: { revision: '1' } });
    expect(invoice.metadata).toEqual({ statement_id: 'st_1', revision: '1' });
    const found = invoice.lines.data.find((each) => each.metadata['statement_line'] === '1');
    expect(found).toMatchObject({ amount: 300, description: 'search, 120 calls', period });
    expect(found?.quantity_decimal?.toString()).toBe('120');
    expect(found?.pricing?.unit_amount_decimal?.toString()).toBe('2.5');
    expect(found?.pricing?.price_details?.product).toBe(product.id);
    expect(found?.parent?.type).toBe('invoice_item_details');
    expect(invoice.subtotal).toBe(200);
  });

  it('take all lines of a call or none', async () => {
    const { id, line } = await draft();
    const refusal = await refusalOf(
      target().stripe.invoices.addLines(id, {
        lines: [line('1', '5'), { price_data: { currency: 'eur', product: 'prod_none', unit_amount: 1 } }],
      }),
    );
    expect(refusal.code).toBe('resource_missing');
    expect(await lineCount(id)).toBe(0);
  });

  it('stay in one currency', async () => {
    const { id, product } = await draft();
    const refusal = await refusalOf(
      target().stripe.invoices.addLines(id, {
        lines: [{ price_data: { currency: 'usd', product: product.id, unit_amount: 1 } }],
      }),
    );
    expect(refusal.statusCode).toBe(400);
  });

  it('hold at most 250 lines', async () => {
    const { id, line } = await draft();
    const lines = Array.from({ length: 250 }, () => line('1', '1'));
    await target().stripe.invoices.addLines(id, { lines });
    expect((await refusalOf(target().stripe.invoices.addLines(id, { lines: [line('1', '1')] }))).statusCode).toBe(400);
    expect(await lineCount(id)).toBe(250);
  });

  it('show ten lines and give the rest by pages, in the order they were added', async () => {
    const { id, line } = await draft();
    const lines = Array.from({ length: 23 }, (_, index) => line('1', String(index + 1)));
    const invoice = await target().stripe.invoices.addLines(id, { lines });
    expect([invoice.lines.data.length, invoice.lines.has_more]).toEqual([10, true]);
    expect(await lineCount(id)).toBe(23);
  });

  it('change and remove lines in bulk while they are drafts', async () => {
    const { stripe } = target();
    const { id, line } = await draft();
    const added = await stripe.invoices.addLines(id, { lines: [line('1', '5'), line('1', '7')] });
    const [first, second] = added.lines.data;
    const updated = await stripe.invoices.updateLines(id, { lines: [{ id: first?.id ?? '', quantity: 3 }] });
    expect(updated.subtotal).toBe((first?.amount ?? 0) * 3 + (second?.amount ?? 0));
    const removed = await stripe.invoices.removeLines(id, { lines: [{ id: first?.id ?? '', behavior: 'delete' }] });
    expect(removed.lines.data.map((each) => each.id)).toEqual([second?.id]);
  });

  it('are fixed once finalised, numbered and due', async () => {
    const { stripe } = target();
    const { id, line } = await draft();
    await stripe.invoices.addLines(id, { lines: [line('3', '100')] });
    const finalized = await stripe.invoices.finalizeInvoice(id, { auto_advance: false });
    expect(finalized).toMatchObject({ status: 'open', amount_due: 300, amount_remaining: 300 });
    expect(finalized.number).toMatch(/-\d{4}$/);
    expect(finalized.status_transitions.finalized_at).not.toBeNull();
    expect((await refusalOf(stripe.invoices.addLines(id, { lines: [line('1', '1')] }))).statusCode).toBe(400);
    expect((await refusalOf(stripe.invoices.finalizeInvoice(id))).statusCode).toBe(400);
    const noted = await stripe.invoices.update(id, { metadata: { verified: 'yes' } });
    expect(noted.metadata).toMatchObject({ verified: 'yes' });
  });

  it('are paid out of band, and only once', async () => {
    const { stripe } = target();
    const { id, line } = await draft();
    await stripe.invoices.addLines(id, { lines: [line('3', '100')] });
    await stripe.invoices.finalizeInvoice(id, { auto_advance: false });
    expect(await stripe.invoices.pay(id, { paid_out_of_band: true })).toMatchObject({
      status: 'paid',
      amount_remaining: 0,
      amount_paid_off_stripe: 300,
    });
    expect((await refusalOf(stripe.invoices.pay(id, { paid_out_of_band: true }))).statusCode).toBe(400);
  });

  it('with nothing due are paid when finalised', async () => {
    const { stripe } = target();
    const { id, line } = await draft();
    await stripe.invoices.addLines(id, { lines: [line('1', '0')] });
    expect((await stripe.invoices.finalizeInvoice(id)).status).toBe('paid');
  });

  it('are voided when open, deleted when drafts, and not the other way round', async () => {
    const { stripe } = target();
    const first = await draft();
    expect((await refusalOf(stripe.invoices.voidInvoice(first.id))).statusCode).toBe(400);
    expect((await stripe.invoices.del(first.id)).deleted).toBe(true);
    const second = await draft();
    await stripe.invoices.addLines(second.id, { lines: [second.line('1', '500')] });
    await stripe.invoices.finalizeInvoice(second.id, { auto_advance: false });
    expect((await refusalOf(stripe.invoices.del(second.id))).statusCode).toBe(400);
    expect((await stripe.invoices.voidInvoice(second.id)).status).toBe('void');
  });

  it('take pending items in when asked to', async () => {
    const { stripe } = target();
    const { customer, product } = await draft();
    const item = await stripe.invoiceItems.create({
      customer: customer.id,
      price_data: { currency: 'eur', product: product.id, unit_amount: 40 },
      quantity: 2,
    });
    expect(item).toMatchObject({ amount: 80, invoice: null });
    const without = await stripe.invoices.create({
      customer: customer.id,
      currency: 'eur',
      pending_invoice_items_behavior: 'exclude',
    });
    expect(without.subtotal).toBe(0);
    const withItem = await stripe.invoices.create({
      customer: customer.id,
      currency: 'eur',
      pending_invoice_items_behavior: 'include',
    });
    expect(withItem.subtotal).toBe(80);
    expect((await stripe.invoiceItems.retrieve(item.id)).invoice).toBe(withItem.id);
  });

  it('are previewed with at most 250 items, and nothing is kept', async () => {
    const { stripe } = target();
    const { customer, product } = await draft();
    const item = {
      price_data: { currency: 'eur', product: product.id, unit_amount_decimal: decimal('0.05') },
      quantity: 30,
    };
    const preview = await stripe.invoices.createPreview({
      customer: customer.id,
      currency: 'eur',
      invoice_items: [item, item],
    });
    expect(preview.subtotal).toBe(4);
    expect((await stripe.invoiceItems.list({ customer: customer.id })).data).toEqual([]);
    const invoice_items = Array.from({ length: 251 }, () => item);
    const refusal = await refusalOf(
      stripe.invoices.createPreview({ customer: customer.id, currency: 'eur', invoice_items }),
    );
    expect(refusal.statusCode).toBe(400);
  });
});

semantics('Credit notes', (target) => {
  const open = async (amount: number) => {
    const { stripe } = target();
    const customer = await stripe.customers.create({ name: 'Acme', email: 'finance@example.com' });
    const created = await stripe.invoices.create({
      customer: customer.id,
      currency: 'eur',
      collection_method: 'send_invoice',
      days_until_due: 30,
    });
    const id = idOf(created);
    await stripe.invoices.addLines(id, { lines: [{ amount, description: 'Calls' }] });
    return { id, invoice: await stripe.invoices.finalizeInvoice(id, { auto_advance: false }), customer };
  };

  it('lower what is due on an open invoice', async () => {
    const { stripe } = target();
    const { id, invoice } = await open(1000);
    const note = await stripe.creditNotes.create({
      invoice: id,
      lines: [{ type: 'invoice_line_item', invoice_line_item: invoice.lines.data[0]?.id ?? '', amount: 250 }],
      memo: 'Late correction',
      metadata: { adjustment_id: 'adj_1' },
    });
    expect(note).toMatchObject({ amount: 250, status: 'issued', type: 'pre_payment', memo: 'Late correction' });
    expect(await stripe.invoices.retrieve(id)).toMatchObject({
      total: 1000,
      amount_remaining: 750,
      pre_payment_credit_notes_amount: 250,
    });
  });

  it('for all that is due settle the invoice', async () => {
    const { stripe } = target();
    const { id } = await open(300);
    const line = { type: 'custom_line_item', description: 'All of it', quantity: 3, unit_amount: 100 } as const;
    await stripe.creditNotes.create({ invoice: id, lines: [line] });
    expect((await stripe.invoices.retrieve(id)).status).toBe('paid');
  });

  it('after payment must say where the money goes, to the unit', async () => {
    const { stripe } = target();
    const { id } = await open(1000);
    await stripe.invoices.pay(id, { paid_out_of_band: true });
    expect((await refusalOf(stripe.creditNotes.create({ invoice: id, amount: 100 }))).statusCode).toBe(400);
    const note = await stripe.creditNotes.create({ invoice: id, amount: 100, out_of_band_amount: 100 });
    expect(note).toMatchObject({ type: 'post_payment', out_of_band_amount: 100 });
  });

  it('never exceed the invoice, and need one that is finalised', async () => {
    const { stripe } = target();
    const { id, customer } = await open(1000);
    expect((await refusalOf(stripe.creditNotes.create({ invoice: id, amount: 1001 }))).statusCode).toBe(400);
    const draft = await stripe.invoices.create({ customer: customer.id, currency: 'eur' });
    expect((await refusalOf(stripe.creditNotes.create({ invoice: idOf(draft), amount: 1 }))).statusCode).toBe(400);
  });
});

onDouble('Payment', {}, (own) => {
  const finalized = async (customer: string) => {
    const { stripe } = own();
    const invoice = await stripe.invoices.create({ customer, currency: 'eur' });
    await stripe.invoices.addLines(idOf(invoice), { lines: [{ amount: 500, description: 'Calls' }] });
    return invoice;
  };

  it('with auto_advance is taken from the default payment method once finalised', async () => {
    const { stripe } = own();
    const customer = await stripe.customers.create({ invoice_settings: { default_payment_method: 'pm_card_visa' } });
    const invoice = await finalized(customer.id);
    expect((await stripe.invoices.finalizeInvoice(idOf(invoice), { auto_advance: true })).status).toBe('paid');
  });

  it('that is declined leaves the invoice open, reports it, and refuses pay with 402', async () => {
    const { stripe, double } = own();
    double.account.settings.payments = 'decline';
    const customer = await stripe.customers.create({ invoice_settings: { default_payment_method: 'pm_card_visa' } });
    const invoice = await finalized(customer.id);
    expect((await stripe.invoices.finalizeInvoice(idOf(invoice), { auto_advance: true })).status).toBe('open');
    const refusal = await refusalOf(stripe.invoices.pay(idOf(invoice)));
    expect([refusal.statusCode, refusal.code]).toEqual([402, 'card_declined']);
    const events = await stripe.events.list({ type: 'invoice.payment_failed' });
    expect(events.data).toHaveLength(2);
  });

  it('needs no money where the customer has credit: the balance is used at finalisation', async () => {
    const { stripe } = own();
    const customer = await stripe.customers.create({ balance: -800 });
    const invoice = await finalized(customer.id);
    const settled = await stripe.invoices.finalizeInvoice(idOf(invoice));
    expect(settled).toMatchObject({ status: 'paid', starting_balance: -800, ending_balance: -300, amount_due: 0 });
    expect((await stripe.customers.retrieve(customer.id)) as Stripe.Customer).toMatchObject({ balance: -300 });
  });
});
