import { queryRows } from '../../database/query-rows.ts';
import { createPriceList } from '../../domain/pricing/price-list.ts';
import type { Statement } from '../../domain/statements/statement.ts';
import { findStatementRow } from '../../statements/statement-store.ts';
import { findUnseen } from '../../statements/usage-snapshot.ts';
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

const selectSealedUsage = async (
  { database }: ProviderContext,
  { id, tenant, periodStart, periodEnd }: Statement,
): Promise<readonly DayOutcome[]> => {
  const row = await findStatementRow(database, id);
  if (row === undefined) throw new Error(`Statement ${id} is not in the database.`);
  const unseen = await findUnseen(database, { asOf: row.usage_as_of, links: row.usage_links });
  return queryRows<DayOutcome>(
    database,
    `select tenant, server, tool, (occurred_at at time zone 'UTC')::date as day, outcome, ?::text as currency, count(*) as quantity
     from invocation
     where tenant = ? and occurred_at >= ?::date and occurred_at < ?::date and tool is not null
       and kind in ('tool', 'operation') and recorded_at <= ? and not (id = any (?::uuid[]))
     group by 1, 2, 3, 4, 5`,
    [row.currency, tenant, periodStart, periodEnd, row.usage_as_of, [...unseen]],
  );
};
