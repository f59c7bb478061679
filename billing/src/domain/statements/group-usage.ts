import type { Day } from '../calendar/day.ts';
import type { PriceVersion } from '../pricing/price-version.ts';
import type { UsageRow } from '../usage/usage-row.ts';
import type { OutcomeQuantity } from './statement.ts';
import type { StatementInput } from './statement-input.ts';

/** A tool's usage on consecutive days on which one price version, or none, was in force. */
export interface RunUsage {
  readonly version?: PriceVersion;
  readonly first: Day;
  readonly last: Day;
  /** Rows whose outcome the version bills; none without a version. */
  readonly billable: readonly UsageRow[];
  /** Units of `billable`. */
  readonly quantity: bigint;
  readonly billed: readonly OutcomeQuantity[];
  readonly unbilled: readonly OutcomeQuantity[];
}

export interface ToolUsage {
  readonly server: string;
  readonly tool: string;
  readonly runs: readonly RunUsage[];
}

/** The tenant's usage by tool and price version, in the order of server, tool and time. */
export const groupUsage = ({ tenant, period, usage, prices }: StatementInput): readonly ToolUsage[] =>
  groupRows(usage).map(({ server, tool, rows }) => ({
    server,
    tool,
    runs: prices
      .runsOf({ tenant: tenant.id, currency: tenant.currency, server, tool }, period)
      .map(({ first, last, version }) => {
        const within = rows.filter(({ day }) => day >= first && day <= last);
        const billable = within.filter(({ outcome }) => version?.billableOutcomes.includes(outcome) === true);
        const rest = within.filter(({ outcome }) => version?.billableOutcomes.includes(outcome) !== true);
        return {
          first,
          last,
          billable,
          quantity: sumOf(billable),
          billed: byOutcome(billable),
          unbilled: byOutcome(rest),
          ...(version === undefined ? {} : { version }),
        };
      }),
  }));

interface ToolRows {
  readonly server: string;
  readonly tool: string;
  readonly rows: UsageRow[];
}

const groupRows = (usage: readonly UsageRow[]): readonly ToolRows[] => {
  const tools = new Map<string, ToolRows>();
  for (const row of usage) {
    const key = `${row.server}\n${row.tool}`;
    const known = tools.get(key);
    if (known === undefined) tools.set(key, { server: row.server, tool: row.tool, rows: [row] });
    else known.rows.push(row);
  }
  return [...tools.values()].sort(byTool);
};

/** Code units: the same order on every machine. */
export const byTool = (
  left: { readonly server: string; readonly tool: string },
  right: { readonly server: string; readonly tool: string },
): number => {
  if (left.server !== right.server) return left.server < right.server ? -1 : 1;
  if (left.tool === right.tool) return 0;
  return left.tool < right.tool ? -1 : 1;
};

export const sumOf = (rows: readonly { readonly quantity: bigint }[]): bigint =>
  rows.reduce((sum, { quantity }) => sum + quantity, 0n);

export const byOutcome = (rows: readonly OutcomeQuantity[]): readonly OutcomeQuantity[] => {
  const quantities = new Map<string, bigint>();
  for (const { outcome, quantity } of rows) quantities.set(outcome, (quantities.get(outcome) ?? 0n) + quantity);
  return [...quantities]
    .map(([outcome, quantity]) => ({ outcome, quantity }))
    .filter(({ quantity }) => quantity !== 0n)
    .sort((left, right) => (left.outcome < right.outcome ? -1 : 1));
};
