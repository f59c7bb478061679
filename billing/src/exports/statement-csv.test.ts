import { describe, expect, it } from 'vitest';
import { toAllocationCsv, toStatementCsv } from './statement-csv.ts';
import { renderStatementHtml } from './statement-html.ts';
import { toStatementView } from './to-statement-view.ts';
import { line, statement } from './testing/statements.ts';

const example = statement(
  [
    line({
      ...{ quantity: 250_000n, unitAmount: '0.005', amountMinor: 125_000n, evidenceSha256: 'ab'.repeat(32) },
      outcomes: {
        billed: [{ outcome: 'ok', quantity: 250_000n }],
        unbilled: [{ outcome: 'tool_error', quantity: 1_204n }],
      },
      allocations: [
        { team: '', costCenter: '', amountMinor: 5_000n, quantity: 10_000n },
        { team: 'support', costCenter: 'CC-1', amountMinor: 120_000n, quantity: 240_000n },
      ],
    }),
    line({
      lineNo: 2,
      tool: '=cmd()',
      description: '=cmd()',
      quantity: 7n,
      freeQuantity: 7n,
      kind: 'free',
      unitAmount: '1',
    }),
    line({
      ...{ lineNo: 3, kind: 'adjustment', description: 'Duplicate batch', quantity: -2n, amountMinor: -1n },
      ...{
        days: ['2026-11-03', '2026-11-03'],
        allocations: [{ team: 'support', costCenter: 'CC-1', amountMinor: -1n, quantity: -2n }],
      },
    }),
  ],
  {
    unpriced: [
      { server: 'orders', tool: 'confirm_refund', quantity: 3n, outcomes: [], days: ['2026-11-01', '2026-11-02'] },
    ],
    unbilled: [{ server: 'orders', tool: 'search_orders', outcome: 'tool_error', quantity: 1_204n }],
  },
);

describe('a statement as CSV', () => {
  it('has a row per line, in columns that stay', () => {
    expect(toStatementCsv(example).text.split('\r\n')).toEqual([
      'StatementId,Tenant,PeriodStart,PeriodEnd,Line,Kind,Server,Tool,Description,FirstDay,LastDay,PriceVersion,Quantity,FreeQuantity,UnitAmount,Amount,Currency,EvidenceSha256',
      `stm_2026-11_0123456789abcdef,acme,2026-11-01,2026-12-01,1,usage,orders,search_orders,Search orders,2026-11-01,2026-11-30,pv-1,250000,0,0.005,1250.00,EUR,${'ab'.repeat(32)}`,
      `stm_2026-11_0123456789abcdef,acme,2026-11-01,2026-12-01,2,free,orders,'=cmd(),'=cmd(),2026-11-01,2026-11-30,pv-1,7,7,1,0.00,EUR,`,
      `stm_2026-11_0123456789abcdef,acme,2026-11-01,2026-12-01,3,adjustment,orders,search_orders,Duplicate batch,2026-11-03,2026-11-03,pv-1,-2,0,,-0.01,EUR,`,
      '',
    ]);
  });

  it('has a row per line and team in the other file', () => {
    expect(
      toAllocationCsv(example)
        .text.split('\r\n')
        .slice(0, 4)
        .map((row) => row.split(',').slice(4).join(',')),
    ).toEqual([
      'Line,Kind,Server,Tool,Team,CostCenter,Quantity,Amount,Currency',
      '1,usage,orders,search_orders,,,10000,50.00,EUR',
      '1,usage,orders,search_orders,support,CC-1,240000,1200.00,EUR',
      '3,adjustment,orders,search_orders,support,CC-1,-2,-0.01,EUR',
    ]);
  });
});

describe('a statement as a person reads it', () => {
  const view = toStatementView(example, { issuer: 'Example Tools Ltd', state: 'sealed' });

  it('writes numbers as texts and sums teams over the lines, no team last', () => {
    expect(view).toMatchObject({
      firstDay: '2026-11-01',
      lastDay: '2026-11-30',
      currency: 'EUR',
      subtotal: '1,249.99',
    });
    expect(view.lines[0]).toMatchObject({
      ...{ quantity: '250,000', amount: '1,250.00', unitAmount: '0.005', share: 1000 },
      ...{ days: '2026-11-01 to 2026-11-30', outcomes: 'Not charged: 1,204 tool error' },
    });
    expect(view.lines[2]).toMatchObject({ quantity: '-2', amount: '-0.01', share: 0, days: '2026-11-03' });
    expect(view.teams).toEqual([
      { team: 'support', costCenter: 'CC-1', quantity: '239,998', amount: '1,199.99' },
      { team: '', costCenter: '', quantity: '10,000', amount: '50.00' },
    ]);
    expect(view.unpriced).toEqual([{ tool: 'orders / confirm_refund', quantity: '3' }]);
  });

  it('becomes a page', () => {
    expect(renderStatementHtml(view)).toContain('1,249.99 EUR');
  });
});
