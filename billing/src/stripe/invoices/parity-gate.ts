import type { DraftLine } from '../../domain/invoicing/draft-lines.ts';
import { compareWithInvoice, describeDifference } from '../../domain/invoicing/parity.ts';
import type { Statement } from '../../domain/statements/statement.ts';
import type { ProviderInvoice, ProviderInvoiceLine } from '../billing-provider.ts';

/** How a line of the invoice is told to be a line of ours. */
export type LineKey = (line: ProviderInvoiceLine) => string | undefined;

/** By what we wrote on it. */
export const byStatementLine =
  (key: string): LineKey =>
  ({ metadata }) =>
    metadata['statement_id'] === key ? metadata['statement_line'] : undefined;

/** What differs, in words; empty when the invoice is the statement to the minor unit. */
export const compareDraft = (
  statement: Statement,
  invoice: ProviderInvoice,
  {
    expected,
    keyOf,
  }: { readonly expected: readonly Pick<DraftLine, 'statementLines' | 'amountMinor'>[]; readonly keyOf: LineKey },
): readonly string[] => {
  const differences = compareWithInvoice(
    {
      currency: statement.currency,
      lines: expected.map(({ statementLines, amountMinor }) => ({ key: statementLines, amountMinor })),
      subtotalMinor: statement.subtotalMinor,
    },
    {
      currency: invoice.currency,
      lines: invoice.lines.map((line) => {
        const key = keyOf(line);
        return { id: line.id, amountMinor: line.amountMinor, ...(key === undefined ? {} : { key }) };
      }),
      subtotalMinor: invoice.subtotalMinor,
    },
  );
  return differences.map((difference) => describeDifference(difference, statement.currency));
};
