import type { UsageRow } from '../usage/usage-row.ts';
import type { StatementLine } from './statement.ts';

/**
 * Whether a usage row is among the calls that a line charges, or gives away: same tool, a day of the line, an outcome that its
 * price bills. Lines of one tool have no day in common, so that a row is behind one line at most.
 */
export const isBilledBy = (line: StatementLine, { server, tool, day, outcome }: UsageRow): boolean =>
  (line.kind === 'usage' || line.kind === 'free') &&
  line.server === server &&
  line.tool === tool &&
  line.days[0] <= day &&
  day <= line.days[1] &&
  line.outcomes.billed.some((billed) => billed.outcome === outcome);
