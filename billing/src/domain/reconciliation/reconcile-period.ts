import type { Finding } from './finding.ts';

/** What one node of the gateway has numbered in one run, and what became of it. */
export interface EpochCounts {
  /** Highest number seen; numbers begin at 1 and leave none out. */
  readonly maxSequence: bigint;
  /** Numbers below it that have not arrived. */
  readonly missing: bigint;
}

/** The hop before the ledger: numbers that a node gave and that nobody has. */
export const reconcileEpoch = ({ maxSequence, missing }: EpochCounts): readonly Finding[] =>
  missing === 0n
    ? []
    : [
        {
          ...{ hop: 'gateway', cause: 'sequence_gap', isPending: false },
          ...{ expected: maxSequence, found: maxSequence - missing },
        },
      ];

/** Events that arrived and wait for somebody, because they cannot be accepted as they are. */
export const reconcileQuarantine = (open: bigint): readonly Finding[] =>
  open === 0n ? [] : [{ hop: 'ledger', cause: 'quarantined', expected: open, found: 0n, isPending: false }];

/** One tool of a tenant in a period: billable usage as it is now, and what was billed for it. */
export interface BilledQuantity {
  readonly rolledUpBillable: bigint;
  /** Lines of the sealed statement and adjustments for days of this period, added up. */
  readonly billed: bigint;
}

export const reconcileStatement = ({ rolledUpBillable, billed }: BilledQuantity): readonly Finding[] => {
  if (rolledUpBillable === billed) return [];
  const cause = billed < rolledUpBillable ? 'late_usage' : 'statement_over';
  return [{ hop: 'statement', cause, expected: rolledUpBillable, found: billed, isPending: false }];
};

/** A sealed statement and what the provider made of it, in minor units. */
export interface InvoiceCounts {
  readonly subtotalMinor: bigint;
  /** Why the push stopped. */
  readonly heldBecause?: string;
  readonly invoice?: {
    readonly status: 'draft' | 'open' | 'paid' | 'void' | 'uncollectible';
    readonly subtotalMinor: bigint;
    /** With tax, after credit: what was asked of the customer. */
    readonly dueMinor: bigint;
    readonly paidMinor: bigint;
    /** Lines that are not equal. */
    readonly differingLines: number;
  };
}

export const reconcileInvoice = ({ subtotalMinor, invoice, heldBecause }: InvoiceCounts): readonly Finding[] => {
  if (invoice === undefined || invoice.status === 'void')
    return [
      {
        hop: 'invoice',
        cause: heldBecause === undefined ? 'not_invoiced' : 'invoice_held',
        expected: subtotalMinor,
        found: 0n,
        isPending: heldBecause === undefined && invoice === undefined,
      },
    ];
  const pair = { expected: subtotalMinor, found: invoice.subtotalMinor };
  if (invoice.subtotalMinor !== subtotalMinor || invoice.differingLines > 0)
    return [{ hop: 'invoice', cause: 'invoice_differs', ...pair, isPending: false }];
  if (heldBecause !== undefined) return [{ hop: 'invoice', cause: 'invoice_held', ...pair, isPending: false }];
  return paymentFindings(invoice);
};

const paymentFindings = ({
  status,
  dueMinor,
  paidMinor,
}: NonNullable<InvoiceCounts['invoice']>): readonly Finding[] => {
  const pair = { hop: 'payment', expected: dueMinor, found: paidMinor } as const;
  if (status === 'paid') return dueMinor === paidMinor ? [] : [{ ...pair, cause: 'paid_differs', isPending: false }];
  return [{ ...pair, cause: 'unpaid', isPending: status !== 'uncollectible' }];
};
