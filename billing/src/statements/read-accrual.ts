import type { Knex } from 'knex';
import type { Day } from '../domain/calendar/day.ts';
import { monthOf, type Period } from '../domain/calendar/period.ts';
import type { Issue } from '../domain/issue.ts';
import type { Currency, MinorUnits } from '../domain/money/currency.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { buildStatement } from '../domain/statements/build-statement.ts';
import { toolName } from '../domain/statements/describe-line.ts';
import type { StatementInput } from '../domain/statements/statement-input.ts';
import type { Statement } from '../domain/statements/statement.ts';
import { loadInput } from './preview-statement.ts';

export interface ToolAccrual {
  readonly server: string;
  readonly tool: string;
  /** What people call it. */
  readonly name: string;
  readonly isPriced: boolean;
  /** Billable units and what they added to the month's amount; of an unpriced tool its successful calls. */
  readonly today: { readonly quantity: bigint; readonly amountMinor: MinorUnits };
  readonly period: { readonly quantity: bigint; readonly freeQuantity: bigint; readonly amountMinor: MinorUnits };
}

/** What a tenant's calls cost so far. The tenant's own minimum and corrections are left out: no call accrues them. */
export interface Accrual {
  readonly tenant: string;
  readonly currency: Currency;
  readonly day: Day;
  readonly period: Period;
  readonly tools: readonly ToolAccrual[];
  readonly todayMinor: MinorUnits;
  readonly periodMinor: MinorUnits;
}

/**
 * A day's accrual per tool: the month up to the day's end less the month up to the day before, both rated as statements are, so
 * that the days of a month add up to its statement. With tiers or volume prices a day can cost less than nothing.
 */
export const readAccrual = async (
  database: Knex,
  { tenant, day }: { readonly tenant: string; readonly day: Day },
): Promise<Result<Accrual, readonly Issue[]>> => {
  const period = monthOf(day);
  const input = await loadInput(database, { tenant, period, until: day });
  if (input === undefined) return failure([{ path: 'tenant', problem: `There is no tenant ${tenant}.` }]);
  const toDate = buildStatement({ ...input, adjustments: [] });
  const before = buildStatement({ ...input, adjustments: [], usage: input.usage.filter((row) => row.day < day) });
  if (!toDate.ok) return toDate;
  if (!before.ok) return before;
  const tools = toTools(toDate.value, { before: before.value, input, day });
  return success({
    tenant,
    currency: toDate.value.currency,
    day,
    period,
    tools,
    todayMinor: tools.reduce((sum, { today }) => sum + today.amountMinor, 0n),
    periodMinor: tools.reduce((sum, one) => sum + one.period.amountMinor, 0n),
  });
};

const toTools = (
  toDate: Statement,
  { before, input, day }: { readonly before: Statement; readonly input: StatementInput; readonly day: Day },
): readonly ToolAccrual[] => {
  const names = new Map(input.usage.map(({ server, tool }) => [`${server}\n${tool}`, { server, tool }]));
  const { id: tenant, currency } = input.tenant;
  return [...names]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, subject]): ToolAccrual => {
      const version = input.prices.inForce({ tenant, currency, ...subject }, day);
      const now = sumTool(toDate, subject);
      const then = sumTool(before, subject);
      return {
        ...subject,
        name: toolName(subject, version),
        isPriced: version !== undefined,
        today: { quantity: now.quantity - then.quantity, amountMinor: now.amountMinor - then.amountMinor },
        period: now,
      };
    })
    .filter(({ period: { quantity } }) => quantity > 0n);
};

const sumTool = (
  { lines, unpriced }: Statement,
  { server, tool }: { readonly server: string; readonly tool: string },
): ToolAccrual['period'] => {
  const own = lines.filter((line) => line.server === server && line.tool === tool);
  const without = unpriced.find((one) => one.server === server && one.tool === tool)?.quantity ?? 0n;
  return {
    quantity: own.reduce((sum, line) => sum + line.quantity, without),
    freeQuantity: own.reduce((sum, line) => sum + line.freeQuantity, 0n),
    amountMinor: own.reduce((sum, line) => sum + line.amountMinor, 0n),
  };
};
