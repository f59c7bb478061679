import { addDays } from '../domain/calendar/day.ts';
import { formatMinor } from '../domain/money/money.ts';
import { formatQuantity } from '../domain/money/quantity.ts';
import type { LineAllocation, OutcomeQuantity, Statement, StatementLine } from '../domain/statements/statement.ts';
import type { StatementView, StatementViewLine, StatementViewTeam } from './statement-view.ts';

export interface StatementViewOptions {
  /** The operator's name, as the tenant knows it. */
  readonly issuer: string;
  readonly state: string;
  readonly sealedAt?: string;
  readonly invoiceId?: string;
}

/** What a person reads, from what was rated. */
export const toStatementView = (statement: Statement, options: StatementViewOptions): StatementView => {
  const { currency, lines } = statement;
  const largest = lines.reduce((most, { amountMinor }) => (amountMinor > most ? amountMinor : most), 0n);
  return {
    ...options,
    tenantName: statement.tenantName,
    tenantId: statement.tenant,
    statementId: statement.id,
    revision: statement.revision,
    firstDay: statement.periodStart,
    lastDay: addDays(statement.periodEnd, -1),
    currency: currency.toUpperCase(),
    subtotal: grouped(formatMinor(statement.subtotalMinor, currency)),
    lines: lines.map((line) => toViewLine(line, { currency, largest })),
    teams: toTeams(statement),
    unpriced: statement.unpriced.map(({ server, tool, quantity }) => ({
      tool: toolName(server, tool),
      quantity: formatQuantity(quantity),
    })),
    unbilled: statement.unbilled.map(({ server, tool, outcome, quantity }) => ({
      tool: toolName(server, tool),
      outcome,
      quantity: formatQuantity(quantity),
    })),
    ...(statement.sealSha256 === undefined ? {} : { sealSha256: statement.sealSha256 }),
  };
};

const toViewLine = (
  line: StatementLine,
  { currency, largest }: { readonly currency: string; readonly largest: bigint },
): StatementViewLine => ({
  lineNo: line.lineNo,
  kind: line.kind,
  description: line.description,
  quantity: line.kind === 'minimum' ? '' : formatQuantity(line.quantity),
  amount: grouped(formatMinor(line.amountMinor, currency)),
  share: largest === 0n || line.amountMinor <= 0n ? 0 : Number((line.amountMinor * 1000n) / largest),
  days: line.days[0] === line.days[1] ? line.days[0] : `${line.days[0]} to ${line.days[1]}`,
  ...(line.tool === undefined ? {} : { tool: toolName(line.server ?? '', line.tool) }),
  // Of a line that is free as a whole the description says so.
  ...(line.kind === 'usage' && line.freeQuantity > 0n ? { freeQuantity: formatQuantity(line.freeQuantity) } : {}),
  ...(line.unitAmount === undefined ? {} : { unitAmount: line.unitAmount }),
  ...(line.outcomes.unbilled.length === 0 ? {} : { outcomes: `Not charged: ${listOutcomes(line.outcomes.unbilled)}` }),
  ...(line.evidenceSha256 === undefined ? {} : { evidenceSha256: line.evidenceSha256 }),
});

const listOutcomes = (outcomes: readonly OutcomeQuantity[]): string =>
  outcomes.map(({ outcome, quantity }) => `${formatQuantity(quantity)} ${outcome.replaceAll('_', ' ')}`).join(', ');

/** Sums over the lines; nothing to show while everything is unallocated. */
const toTeams = ({ lines, currency }: Statement): readonly StatementViewTeam[] => {
  const sums = new Map<string, LineAllocation>();
  for (const each of lines.flatMap(({ allocations }) => allocations)) {
    const key = JSON.stringify([each.team, each.costCenter]);
    const sum = sums.get(key);
    sums.set(key, {
      ...each,
      amountMinor: each.amountMinor + (sum?.amountMinor ?? 0n),
      quantity: each.quantity + (sum?.quantity ?? 0n),
    });
  }
  const teams = [...sums.values()];
  if (teams.every(({ team, costCenter }) => team === '' && costCenter === '')) return [];
  return teams
    .sort((left, right) => (left.team === '' ? 1 : right.team === '' ? -1 : left.team < right.team ? -1 : 1))
    .map(({ team, costCenter, quantity, amountMinor }) => ({
      team,
      costCenter,
      quantity: formatQuantity(quantity),
      amount: grouped(formatMinor(amountMinor, currency)),
    }));
};

const toolName = (server: string, tool: string): string => `${server} / ${tool}`;

/** `1,234.50` */
const grouped = (amount: string): string =>
  amount.replace(/^(-?\d+)/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ','));
