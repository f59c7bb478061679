import { FULL_WEIGHT_BP } from '../domain/allocation/allocation-rule.ts';
import type { AllocationBook } from '../domain/allocation/allocation-book.ts';
import { DECIMAL_ONE } from '../domain/money/decimal.ts';
import { isBilledBy } from '../domain/statements/line-usage.ts';
import type { StatementLine } from '../domain/statements/statement.ts';
import type { UsageRow } from '../domain/usage/usage-row.ts';
import type { FocusUsage } from './focus.ts';

/** What is behind each line, from the tenant's daily usage; teams that share an application's calls share them by weight. */
export const createFocusUsage =
  (usage: readonly UsageRow[], book: AllocationBook) =>
  (line: StatementLine): readonly FocusUsage[] =>
    usage
      .filter((row) => isBilledBy(line, row))
      .flatMap((row) => {
        const { day, application, quantity } = row;
        return book.sharesOf(row).map(({ team, costCenter, weightBp }) => ({
          ...{ day, application, team, costCenter },
          // Exact: a weight has four decimals, a Decimal twelve.
          quantity: { digits: (quantity * DECIMAL_ONE * BigInt(weightBp)) / BigInt(FULL_WEIGHT_BP) },
        }));
      });
