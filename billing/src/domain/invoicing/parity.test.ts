import { describe, expect, it } from 'vitest';
import { compareWithInvoice, describeDifference, type FoundInvoice } from './parity.ts';

const expected = {
  currency: 'eur',
  lines: [
    { key: '1', amountMinor: 250n },
    { key: '2', amountMinor: 0n },
    { key: '3', amountMinor: -50n },
  ],
  subtotalMinor: 200n,
};
const draft: FoundInvoice = {
  currency: 'eur',
  lines: [
    { id: 'il_1', key: '1', amountMinor: 200n },
    { id: 'il_2', key: '1', amountMinor: 50n },
    { id: 'il_3', key: '2', amountMinor: 0n },
    { id: 'il_4', key: '3', amountMinor: -50n },
    { id: 'il_5', amountMinor: 0n },
  ],
  subtotalMinor: 200n,
};
const without = (id: string) => ({ ...draft, lines: draft.lines.filter((line) => line.id !== id) });

describe('parity of statement and invoice', () => {
  it('holds when every line and the subtotal are equal; tiers of a line are added up', () => {
    expect(compareWithInvoice(expected, draft)).toEqual([]);
  });

  it.each([
    ['an amount is off by one', without('il_2'), ['line 1: statement 2.50 EUR, invoice 2.00 EUR']],
    ['a line over 0.00 is missing', without('il_3'), ['line 2: 0.00 EUR is not on the invoice']],
    [
      'somebody added a line',
      { ...draft, lines: [...draft.lines, { id: 'il_9', amountMinor: 1n }] },
      ['line il_9: 0.01 EUR is on the invoice and not on the statement'],
    ],
    [
      'two lines are off and cancel each other',
      {
        ...draft,
        lines: draft.lines.map((line) => ({
          ...line,
          amountMinor: line.amountMinor + (line.id === 'il_1' ? 1n : line.id === 'il_4' ? -1n : 0n),
        })),
      },
      ['line 1: statement 2.50 EUR, invoice 2.51 EUR', 'line 3: statement -0.50 EUR, invoice -0.51 EUR'],
    ],
    ['only the subtotal is off', { ...draft, subtotalMinor: 201n }, ['subtotal: statement 2.00 EUR, invoice 2.01 EUR']],
    [
      'the currency is another',
      { ...draft, currency: 'usd' },
      ['currency: the statement is in eur, the invoice in usd'],
    ],
  ])('fails when %s', (_, found, said) => {
    expect(compareWithInvoice(expected, found).map((each) => describeDifference(each, 'eur'))).toEqual(said);
  });
});
