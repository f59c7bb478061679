import { formatMoney } from '../money/money.ts';

/** What our statement says the invoice must be. */
export interface ExpectedInvoice {
  readonly currency: string;
  readonly lines: readonly { readonly key: string; readonly amountMinor: bigint }[];
  readonly subtotalMinor: bigint;
}

/** What the provider's draft says. A line without a key is none of ours. */
export interface FoundInvoice {
  readonly currency: string;
  readonly lines: readonly { readonly id: string; readonly key?: string; readonly amountMinor: bigint }[];
  readonly subtotalMinor: bigint;
}

export type ParityDifference =
  | { readonly kind: 'currency'; readonly expected: string; readonly found: string }
  | { readonly kind: 'line_missing'; readonly key: string; readonly expected: bigint }
  | { readonly kind: 'line_unexpected'; readonly key: string; readonly found: bigint }
  | { readonly kind: 'line_amount'; readonly key: string; readonly expected: bigint; readonly found: bigint }
  | { readonly kind: 'subtotal'; readonly expected: bigint; readonly found: bigint };

/**
 * Empty when the draft is the statement, to the minor unit, each line and the subtotal: only then it may become final.
 * Several lines with one key are added up, because a provider shows each tier of a price as a line of its own.
 */
export const compareWithInvoice = (expected: ExpectedInvoice, found: FoundInvoice): readonly ParityDifference[] => {
  const wanted = sums(expected.lines);
  const there = sums(found.lines.map(({ id, key, amountMinor }) => ({ key: key ?? id, amountMinor })));
  return [
    ...(expected.currency === found.currency
      ? []
      : [{ kind: 'currency', expected: expected.currency, found: found.currency } as const]),
    ...[...wanted].flatMap(([key, amount]): readonly ParityDifference[] => {
      const actual = there.get(key);
      if (actual === undefined) return [{ kind: 'line_missing', key, expected: amount }];
      return actual === amount ? [] : [{ kind: 'line_amount', key, expected: amount, found: actual }];
    }),
    // A meter that counted nothing is a line over 0, which changes nothing.
    ...[...there]
      .filter(([key, amount]) => !wanted.has(key) && amount !== 0n)
      .map(([key, amount]) => ({ kind: 'line_unexpected', key, found: amount }) as const),
    ...(expected.subtotalMinor === found.subtotalMinor
      ? []
      : [{ kind: 'subtotal', expected: expected.subtotalMinor, found: found.subtotalMinor } as const]),
  ];
};

export const describeDifference = (difference: ParityDifference, currency: string): string => {
  const money = (amount: bigint): string => formatMoney(amount, currency);
  switch (difference.kind) {
    case 'currency':
      return `currency: the statement is in ${difference.expected}, the invoice in ${difference.found}`;
    case 'line_missing':
      return `line ${difference.key}: ${money(difference.expected)} is not on the invoice`;
    case 'line_unexpected':
      return `line ${difference.key}: ${money(difference.found)} is on the invoice and not on the statement`;
    case 'line_amount':
      return `line ${difference.key}: statement ${money(difference.expected)}, invoice ${money(difference.found)}`;
    case 'subtotal':
      return `subtotal: statement ${money(difference.expected)}, invoice ${money(difference.found)}`;
  }
};

const sums = (
  lines: readonly { readonly key: string; readonly amountMinor: bigint }[],
): ReadonlyMap<string, bigint> => {
  const totals = new Map<string, bigint>();
  for (const { key, amountMinor } of lines) totals.set(key, (totals.get(key) ?? 0n) + amountMinor);
  return totals;
};
