import type { Statement, StatementLine } from '../statements/statement.ts';
import { DECIMAL_ONE, formatDecimal } from '../money/decimal.ts';
import { toMinorDecimal } from './metered-price.ts';

/** One line of the invoice that is to be: one line of the statement, or the sum of those that did not fit. */
export interface DraftLine {
  /** `7`, or `7 9-12` for a sum: which lines of the statement it stands for. Stored with the provider's line. */
  readonly statementLines: string;
  readonly description: string;
  readonly amountMinor: bigint;
  readonly charge: DraftCharge;
  readonly server?: string;
  readonly tool?: string;
  /** Both in it. */
  readonly days: readonly [first: string, last: string];
  readonly evidenceSha256?: string;
}

export type DraftCharge =
  { readonly kind: 'amount' } | { readonly kind: 'units'; readonly quantity: bigint; readonly unitAmount: string };

/** "250 invoice items per invoice": Stripe, changelog of 2016-02-22. */
export const MAX_INVOICE_LINES = 250;
/** Ours: what fits on an invoice. Stripe does not state one. */
const MAX_DESCRIPTION_LENGTH = 500;
/** The largest quantity that every reader of the invoice holds exactly. */
const MAX_UNITS = 2n ** 53n;

/**
 * The statement as invoice lines. Units times price where the provider's own product, rounded half up, is our amount to the
 * minor unit; otherwise the bare amount. Beyond 250 the smallest amounts are summed in one line with a link to all of them.
 */
export const draftLines = (
  statement: Pick<Statement, 'currency' | 'lines' | 'periodStart'>,
  { link, maxLines = MAX_INVOICE_LINES }: { readonly link?: string; readonly maxLines?: number } = {},
): readonly DraftLine[] => {
  const { lines } = statement;
  if (lines.length <= maxLines) return lines.map((line) => toDraftLine(line, statement.currency));
  const bySize = [...lines].sort((left, right) => compare(size(right), size(left)) || left.lineNo - right.lineNo);
  const shown = new Set(bySize.slice(0, maxLines - 1).map(({ lineNo }) => lineNo));
  const others = lines.filter(({ lineNo }) => !shown.has(lineNo));
  return [
    ...lines.filter(({ lineNo }) => shown.has(lineNo)).map((line) => toDraftLine(line, statement.currency)),
    sumOf(others, link),
  ];
};

/** Half up, as Stripe rounds a line: 0.05 x 30 = 1.5 is 2. */
const productOf = (quantity: bigint, unitDigits: bigint): bigint =>
  (2n * quantity * unitDigits + DECIMAL_ONE) / (2n * DECIMAL_ONE);

const toDraftLine = (line: StatementLine, currency: string): DraftLine => ({
  statementLines: String(line.lineNo),
  description: line.description.slice(0, MAX_DESCRIPTION_LENGTH),
  amountMinor: line.amountMinor,
  charge: chargeOf(line, currency),
  ...(line.server === undefined ? {} : { server: line.server }),
  ...(line.tool === undefined ? {} : { tool: line.tool }),
  days: line.days,
  ...(line.evidenceSha256 === undefined ? {} : { evidenceSha256: line.evidenceSha256 }),
});

const chargeOf = (line: StatementLine, currency: string): DraftCharge => {
  const quantity = line.quantity - line.freeQuantity;
  if (line.kind !== 'usage' || line.unitAmount === undefined || quantity <= 0n || quantity > MAX_UNITS)
    return { kind: 'amount' };
  const unit = toMinorDecimal(line.unitAmount, currency);
  if (productOf(quantity, unit.digits) !== line.amountMinor) return { kind: 'amount' };
  return { kind: 'units', quantity, unitAmount: formatDecimal(unit) };
};

const sumOf = (lines: readonly StatementLine[], link: string | undefined): DraftLine => {
  const where = link === undefined ? '' : `: ${link}`;
  const days = lines.flatMap((line) => line.days).sort();
  return {
    statementLines: toRanges(lines.map(({ lineNo }) => lineNo)),
    description: `Other tools (${lines.length} lines of the statement)${where}`.slice(0, MAX_DESCRIPTION_LENGTH),
    amountMinor: lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
    charge: { kind: 'amount' },
    days: [days[0] ?? '', days.at(-1) ?? ''],
  };
};

/** `7 9-12`, cut where a metadata value ends (500 characters): the link has all of them. */
const toRanges = (numbers: readonly number[]): string => {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  const text = ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(' ');
  return text.length <= MAX_METADATA_LENGTH ? text : `${text.slice(0, MAX_METADATA_LENGTH - 2)} …`;
};

const MAX_METADATA_LENGTH = 500;

const size = ({ amountMinor }: StatementLine): bigint => (amountMinor < 0n ? -amountMinor : amountMinor);

const compare = (left: bigint, right: bigint): number => (left < right ? -1 : left > right ? 1 : 0);
