import type { StatementView } from '../statement-view.ts';

export const exampleView: StatementView = {
  issuer: 'Example Tools Ltd',
  tenantName: 'Acme Corporation',
  tenantId: 'acme',
  statementId: 'st-acme-2026-11-r1',
  firstDay: '2026-11-01',
  lastDay: '2026-11-30',
  currency: 'EUR',
  state: 'sealed',
  revision: 1,
  sealedAt: '2026-12-02T00:10:00Z',
  sealSha256: '4f0c2b7d9e1a63c58b7d5f2e0a9c1d3b6e8f7a5c4d2b1e0f9a8c7b6d5e4f3a21',
  invoiceId: 'in_1ExampleNovember',
  subtotal: '1,284.37',
  lines: [
    {
      ...{
        lineNo: 1,
        kind: 'usage',
        description: 'Search orders',
        tool: 'orders / search_orders',
        quantity: '182,340',
      },
      ...{ unitAmount: '0.004', amount: '729.36', share: 1000, days: '1 to 30 November' },
      outcomes: 'Charged: answered. Not charged: 214 tool errors, 12 refused.',
    },
    {
      ...{ lineNo: 2, kind: 'free', description: 'Search orders, free allowance', tool: 'orders / search_orders' },
      ...{ quantity: '1,000', unitAmount: '0.00', amount: '0.00', share: 0 },
    },
    {
      ...{ lineNo: 3, kind: 'usage', description: 'Create invoice (graduated)', tool: 'orders / create_invoice' },
      ...{ quantity: '4,821', freeQuantity: '100', amount: '482.10', share: 661, days: '1 to 30 November' },
    },
    {
      ...{
        lineNo: 4,
        kind: 'usage',
        description: 'Create payment <script>alert(1)</script>',
        tool: 'commerce / createPayment',
      },
      ...{ quantity: '1,882', unitAmount: '0.05', amount: '94.10', share: 129, days: '1 to 14 November' },
    },
    { lineNo: 5, kind: 'minimum', description: 'Minimum for reports', quantity: '', amount: '3.81', share: 5 },
    {
      ...{ lineNo: 6, kind: 'adjustment', description: 'Credit for 3 November: duplicate batch', quantity: '-500' },
      ...{ amount: '-25.00', share: 0, tool: 'commerce / createPayment' },
    },
  ],
  teams: [
    { team: 'support', costCenter: 'CC-100', quantity: '180,111', amount: '702.12' },
    { team: 'finance', costCenter: 'CC-200', quantity: '9,932', amount: '582.25' },
    { team: '', costCenter: '', quantity: '0', amount: '0.00' },
  ],
  unpriced: [{ tool: 'orders / confirm_refund', quantity: '212' }],
  unbilled: [
    { tool: 'orders / search_orders', outcome: 'tool_error', quantity: '214' },
    { tool: 'orders / search_orders', outcome: 'refused', quantity: '12' },
  ],
};
