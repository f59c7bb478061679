import { describe, expect, it } from 'vitest';
import type { StatementLine } from '../statements/statement.ts';
import { draftLines } from './draft-lines.ts';

const line = (lineNo: number, more: Partial<StatementLine> = {}): StatementLine => ({
  lineNo,
  kind: 'usage',
  server: 'weather',
  tool: `t${lineNo}`,
  description: `weather/t${lineNo}`,
  quantity: 100n,
  freeQuantity: 0n,
  unitAmount: '0.01',
  amountMinor: 100n,
  outcomes: { billed: [], unbilled: [] },
  days: ['2026-11-01', '2026-11-30'],
  allocations: [],
  ...more,
});
const statement = (...lines: StatementLine[]) => ({ currency: 'eur', periodStart: '2026-11-01', lines });

describe('invoice lines of a statement', () => {
  it('are units times price where the rounded product is our amount', () => {
    const [draft] = draftLines(
      statement(line(1, { quantity: 40n, freeQuantity: 10n, unitAmount: '0.0005', amountMinor: 2n })),
    );
    expect(draft).toMatchObject({
      statementLines: '1',
      amountMinor: 2n,
      charge: { kind: 'units', quantity: 30n, unitAmount: '0.05' },
    });
  });

  it.each([
    ['a product that is not our amount', { amountMinor: 99n }],
    ['no single unit price', { unitAmount: undefined }],
    ['no units to pay', { freeQuantity: 100n, amountMinor: 0n }],
    ['a negative correction', { kind: 'adjustment', quantity: -5n, amountMinor: -5n }],
    ['a minimum', { kind: 'minimum', quantity: 0n, amountMinor: 700n }],
    ['more units than a number holds', { quantity: 2n ** 53n + 1n, unitAmount: '0', amountMinor: 0n }],
  ] as const)('are a bare amount for %s', (_, more) => {
    const { unitAmount, ...rest } = line(1, { ...more, unitAmount: '0.01' });
    const isWithout = 'unitAmount' in more && more.unitAmount === undefined;
    const [draft] = draftLines(statement({ ...rest, ...(isWithout ? {} : { unitAmount: unitAmount ?? '' }) }));
    expect(draft?.charge).toEqual({ kind: 'amount' });
  });

  it('are 250 at most: the smallest of 260 are summed in one line that links to all, and nothing is lost', () => {
    const lines = Array.from({ length: 260 }, (_, index) => line(index + 1, { amountMinor: BigInt(1000 - index) }));
    lines[9] = line(10, { kind: 'adjustment', amountMinor: -5_000n });
    const drafts = draftLines(statement(...lines), { link: 'https://billing.example/v1/statements/stm_1' });
    expect(drafts).toHaveLength(250);
    expect(drafts.at(-1)).toMatchObject({
      statementLines: '250-260',
      description: 'Other tools (11 lines of the statement): https://billing.example/v1/statements/stm_1',
      charge: { kind: 'amount' },
      days: ['2026-11-01', '2026-11-30'],
    });
    const sum = (amounts: readonly { readonly amountMinor: bigint }[]): bigint =>
      amounts.reduce((total, { amountMinor }) => total + amountMinor, 0n);
    expect(sum(drafts)).toBe(sum(lines));
    expect(drafts.some(({ amountMinor }) => amountMinor === -5_000n)).toBe(true);
  });

  it('are exactly 250 without a sum when the statement has 250', () => {
    const lines = Array.from({ length: 250 }, (_, index) => line(index + 1));
    expect(draftLines(statement(...lines)).map(({ statementLines }) => statementLines)).toEqual(
      lines.map(({ lineNo }) => String(lineNo)),
    );
  });
});
