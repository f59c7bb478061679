import { queryRows } from '../../database/query-rows.ts';
import { createPriceList } from '../../domain/pricing/price-list.ts';
import type { Statement } from '../../domain/statements/statement.ts';
import { loadPriceVersions } from '../../price-book/price-store.ts';
import type { ProviderContext } from '../provider-context.ts';
import { billableTotals, writeTotals, type DayOutcome } from './refresh-meter-days.ts';

/** A tool whose days do not add up to its statement. */
export interface UnfrozenTool {
  readonly server: string;
  readonly tool: string;
  readonly onStatement: bigint;
  readonly inOutbox: bigint;
}

/**
 * Sets the outbox of a sealed month to what was sealed: the invocations recorded up to the moment that the statement counted
 * to. Gives the tools whose days do not add up to the statement all the same; none, unless rows were lost.
 */
export const freezeMeterDays = async (
  context: ProviderContext,
  statement: Statement,
): Promise<readonly UnfrozenTool[]> => {
  if ((await findUnequal(context, statement)).length === 0) return [];
  const { tenant } = statement;
  const usage = await selectSealedUsage(context, statement);
  const prices = createPriceList(await loadPriceVersions(context.database, { tenant }));
  await writeTotals(context, billableTotals(usage, prices));
  return findUnequal(context, statement);
};

const findUnequal = async (
  { database, environment }: ProviderContext,
  { tenant, periodStart, periodEnd, lines }: Statement,
): Promise<readonly UnfrozenTool[]> => {
  const rows = await queryRows<{ readonly server: string; readonly tool: string; readonly quantity: bigint }>(
    database,
    `select server, tool, sum(desired_quantity)::bigint as quantity from meter_day
     where environment = ? and tenant = ? and day >= ? and day < ? group by server, tool`,
    [environment, tenant, periodStart, periodEnd],
  );
  const tools = new Map<string, UnfrozenTool>();
  for (const { server, tool, quantity } of rows)
    tools.set(keyOf(server, tool), { server, tool, onStatement: 0n, inOutbox: quantity });
  for (const { kind, server = '', tool = '', quantity } of lines) {
    if (kind !== 'usage' && kind !== 'free') continue;
    const known = tools.get(keyOf(server, tool)) ?? { server, tool, onStatement: 0n, inOutbox: 0n };
    tools.set(keyOf(server, tool), { ...known, onStatement: known.onStatement + quantity });
  }
  return [...tools.values()].filter(({ onStatement, inOutbox }) => onStatement !== inOutbox);
};

const keyOf = (server: string, tool: string): string => JSON.stringify([server, tool]);

const selectSealedUsage = (
  { database }: ProviderContext,
  { id, tenant, periodStart, periodEnd }: Statement,
): Promise<readonly DayOutcome[]> =>
  queryRows<DayOutcome>(
    database,
    `select i.tenant, i.server, i.tool, i.occurred_at::date as day, i.outcome, s.currency, count(*) as quantity
     from invocation i join statement s on s.id = ?
     where i.tenant = ? and i.occurred_at >= ?::date and i.occurred_at < ?::date and i.tool is not null
       and i.kind in ('tool', 'operation') and i.recorded_at <= s.usage_as_of
     group by i.tenant, i.server, i.tool, i.occurred_at::date, i.outcome, s.currency`,
    [id, tenant, periodStart, periodEnd],
  );
