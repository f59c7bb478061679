import { describe, expect, it } from 'vitest';
import { CommerceStore } from './commerce-store.ts';

const draft = { customer: 'Acme GmbH', amountCents: 1_250, currency: 'EUR' } as const;

describe('CommerceStore', () => {
  it.each([
    { text: 'acme', limit: 10, ids: ['ord-1002', 'ord-1001'] },
    { text: 'DESK', limit: 10, ids: ['ord-1005', 'ord-1004'] },
    { text: 'DESK', limit: 1, ids: ['ord-1005'] },
    { text: 'ord-1003', limit: 10, ids: ['ord-1003'] },
    { text: 'nothing of the kind', limit: 10, ids: [] },
  ])('finds $ids for "$text" with limit $limit, the newest first', ({ text, limit, ids }) => {
    const found = new CommerceStore().searchOrders({ text, limit });
    expect(found.map((order) => order.id)).toEqual(ids);
  });

  it('gives 2 equal drafts 2 invoices', () => {
    const store = new CommerceStore();
    expect([store.createInvoice(draft).id, store.createInvoice(draft).id]).toEqual(['inv-000001', 'inv-000002']);
    expect(store.invoices()).toHaveLength(2);
  });

  it('keeps the newest 10000 invoices', () => {
    const store = new CommerceStore();
    for (let made = 0; made < 10_003; made += 1) store.createInvoice(draft);
    expect(store.invoices()).toHaveLength(10_000);
    expect(store.invoices()[0]?.id).toBe('inv-000004');
  });

  it('deletes an order once', () => {
    const store = new CommerceStore();
    expect([store.deleteOrder('ord-1001'), store.deleteOrder('ord-1001')]).toEqual([true, false]);
    expect(store.order('ord-1001')).toBeUndefined();
  });

  it('refunds an order once, and an unknown order never', () => {
    const store = new CommerceStore();
    const states = ['ord-1001', 'ord-1001', 'ord-9'].map((id) => store.refund(id).state);
    expect(states).toEqual(['refunded', 'already_refunded', 'unknown_order']);
    expect(store.order('ord-1001')?.state).toBe('refunded');
  });

  it('does not share its data with another store', () => {
    new CommerceStore().deleteOrder('ord-1001');
    expect(new CommerceStore().order('ord-1001')).toBeDefined();
  });
});
