import { describe, expect, it } from 'vitest';
import { fixOf, hops } from './finding.ts';
import { reconcileDay, type DayCounts, type OutboxCounts } from './reconcile-day.ts';
import { reconcileEpoch, reconcileInvoice, reconcileQuarantine, reconcileStatement } from './reconcile-period.ts';

const now = Date.UTC(2026, 10, 25);
const outbox: OutboxCounts = {
  desired: 8n,
  acked: 8n,
  isInFlight: false,
  state: 'open',
  ackedAt: 0,
  isInCatalog: true,
};
const agreeing: DayCounts = {
  recorded: 10n,
  rolledUp: 10n,
  recordedBillable: 8n,
  rolledUpBillable: 8n,
  outbox,
  counted: 8n,
};
const withOutbox = (more: Partial<OutboxCounts>): DayCounts => ({ ...agreeing, outbox: { ...outbox, ...more } });

describe('reconciliation of a day', () => {
  it('finds nothing where every hop has the same count', () => {
    expect(reconcileDay(agreeing, now)).toEqual([]);
    const { outbox: _, counted: __, ...unpriced } = agreeing;
    expect(reconcileDay(unpriced, now)).toEqual([]);
  });

  it.each([
    ['a lost rollup', { ...agreeing, rolledUp: 9n }, 'rollup', 'rollup_short', 10n, 9n, false],
    ['a doubled rollup', { ...agreeing, rolledUp: 11n }, 'rollup', 'rollup_over', 10n, 11n, false],
    ['outcomes swapped', { ...agreeing, recordedBillable: 7n }, 'rollup', 'rollup_over', 7n, 8n, false],
    ['usage after the outbox', withOutbox({ desired: 7n, acked: 7n }), 'outbox', 'outbox_stale', 8n, 7n, true],
    ['a total not sent', withOutbox({ acked: 5n }), 'outbox', 'waiting', 8n, 5n, true],
    ['a timeout', withOutbox({ acked: 5n, isInFlight: true }), 'outbox', 'in_flight', 8n, 5n, true],
    ['a timeout of the same total', withOutbox({ isInFlight: true }), 'outbox', 'in_flight', 8n, 8n, true],
    ['no customer', withOutbox({ acked: 0n, isInCatalog: false }), 'outbox', 'not_in_catalog', 8n, 0n, false],
    ['a refusal', withOutbox({ acked: 5n, state: 'rejected' }), 'outbox', 'rejected', 8n, 5n, false],
    ['36 days', withOutbox({ acked: 5n, state: 'too_late' }), 'outbox', 'too_late', 8n, 5n, false],
    ['an event dropped by the provider', { ...agreeing, counted: 6n }, 'provider', 'provider_short', 8n, 6n, false],
    ['a stranger on the meter', { ...agreeing, counted: 9n }, 'provider', 'provider_over', 8n, 9n, false],
    [
      'summaries that lag',
      { ...withOutbox({ ackedAt: now - 1 }), counted: 0n },
      'provider',
      'provider_lag',
      8n,
      0n,
      true,
    ],
  ] as const)('names the hop and the cause of %s', (_, counts, hop, cause, expected, found, isPending) => {
    expect(reconcileDay(counts, now)).toContainEqual({ hop, cause, expected, found, isPending });
    expect(reconcileDay(counts, now)[0]).toMatchObject({ hop });
    expect(fixOf(cause)).not.toBe('');
  });
});

describe('reconciliation before the ledger', () => {
  it('names numbers of a node that nobody has, and events that cannot be accepted', () => {
    expect([...reconcileEpoch({ maxSequence: 10n, missing: 0n }), ...reconcileQuarantine(0n)]).toEqual([]);
    expect([...reconcileEpoch({ maxSequence: 10n, missing: 1n }), ...reconcileQuarantine(2n)]).toEqual([
      { hop: 'gateway', cause: 'sequence_gap', expected: 10n, found: 9n, isPending: false },
      { hop: 'ledger', cause: 'quarantined', expected: 2n, found: 0n, isPending: false },
    ]);
  });
});

describe('reconciliation behind the ledger', () => {
  it('names usage that came after the seal, and a statement with too much', () => {
    expect(reconcileStatement({ rolledUpBillable: 5n, billed: 5n })).toEqual([]);
    expect(reconcileStatement({ rolledUpBillable: 6n, billed: 5n })).toMatchObject([{ cause: 'late_usage' }]);
    expect(reconcileStatement({ rolledUpBillable: 4n, billed: 5n })).toMatchObject([{ cause: 'statement_over' }]);
  });

  const invoice = { status: 'paid', subtotalMinor: 500n, dueMinor: 595n, paidMinor: 595n, differingLines: 0 } as const;
  it.each([
    ['paid', { subtotalMinor: 500n, invoice }, []],
    ['open', { subtotalMinor: 500n, invoice: { ...invoice, status: 'open', paidMinor: 0n } }, ['unpaid']],
    ['paid in part', { subtotalMinor: 500n, invoice: { ...invoice, paidMinor: 594n } }, ['paid_differs']],
    ['changed', { subtotalMinor: 500n, invoice: { ...invoice, subtotalMinor: 501n } }, ['invoice_differs']],
    ['changed within', { subtotalMinor: 500n, invoice: { ...invoice, differingLines: 2 } }, ['invoice_differs']],
    ['absent', { subtotalMinor: 500n }, ['not_invoiced']],
    ['void', { subtotalMinor: 500n, invoice: { ...invoice, status: 'void' } }, ['not_invoiced']],
    ['held', { subtotalMinor: 500n, heldBecause: 'parity', invoice }, ['invoice_held']],
  ] as const)('an invoice that is %s', (_, counts, causes) => {
    expect(reconcileInvoice(counts).map(({ cause }) => cause)).toEqual(causes);
  });

  it('hops are in the order in which an invocation travels', () => {
    expect(hops[0]).toBe('gateway');
    expect(hops.at(-1)).toBe('payment');
  });
});
