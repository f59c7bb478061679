import { describeIssue } from '../../domain/issue.ts';
import { monthName } from '../../domain/calendar/period.ts';
import { formatMoney } from '../../domain/money/money.ts';
import { success } from '../../domain/result.ts';
import { closePeriod, type ClosedStatement, type CloseReport } from '../../statements/close-period.ts';
import type { SessionCommand } from '../command.ts';
import { misused, refused } from '../failure.ts';
import { actorOf, lastMonth, readMonth } from '../options.ts';
import { formatTable, plural } from '../table.ts';

export const close: SessionCommand = {
  name: 'close',
  needs: 'database',
  summary: 'rate and seal a month',
  usage: '[MONTH] [--dry-run] [--force --reason TEXT]',
  help: `Makes the statements of a month that is over (default: last month) and seals them. What cannot be sealed (missing records, a
broken audit chain, successful calls without a price) is held as a draft; closing again seals it when the cause is gone. A sealed
statement never changes. With Stripe configured the worker turns sealed statements into invoices.

  stoa-billing close 2026-11 --dry-run
  stoa-billing close 2026-11
  stoa-billing close 2026-11 --force --reason 'node gw-3 lost its disk, see INC-12'

  --dry-run         show what would be sealed and held; seal nothing
  --force           seal in spite of what holds statements back; needs --reason, which stays on the statement
  --reason TEXT     why`,
  options: { 'dry-run': { type: 'boolean' }, force: { type: 'boolean' }, reason: { type: 'string' } },
  positionals: { min: 0, max: 1 },
  run: async (parameters, { database, now, progress }, io) => {
    const period = readMonth(parameters.positionals[0] ?? lastMonth(now()), now());
    if (!period.ok) return period;
    const reason = parameters.option('reason');
    if (parameters.flag('force') !== (reason !== undefined)) return misused('--force and --reason go together');
    const closed = await closePeriod(database, period.value, {
      now: new Date(now()),
      isDryRun: parameters.flag('dry-run'),
      ...(reason === undefined ? {} : { force: { reason, actor: actorOf(io) } }),
      onProgress: (step, done, total) => progress(`${step} ${done} of ${total}`),
    });
    if (!closed.ok) return refused(describeIssue(closed.error));
    const { held, failed, warnings } = closed.value;
    return success({
      hasFindings: held.length + failed.length + warnings.length > 0,
      text: describeClose(closed.value),
      json: closed.value,
    });
  },
};

const describeClose = ({
  period,
  isDryRun,
  sealed,
  held,
  failed,
  alreadySealed,
  lateAdjustments,
  warnings,
}: CloseReport) =>
  [
    `${monthName(period)}: ${sealed.length} ${isDryRun ? 'would be sealed' : 'sealed'}, ${held.length} held, ${failed.length} failed, ${alreadySealed} sealed before.`,
    ...(sealed.length > 0 ? [formatTable(sealed.map(toRow), { right: [2, 3] })] : []),
    ...held.flatMap(blockersOf).map((line) => `held: ${line}`),
    ...failed.flatMap(blockersOf).map((line) => `failed: ${line}`),
    ...(lateAdjustments.length > 0
      ? [`${plural(lateAdjustments.length, 'correction')} for calls that came after their month was sealed.`]
      : []),
    ...warnings.map((warning) => `warning: ${warning}`),
  ].join('\n');

const toRow = ({ id, tenant, lines, subtotalMinor, currency }: ClosedStatement): readonly string[] => [
  ...[id, tenant, plural(lines, 'line'), formatMoney(subtotalMinor, currency)],
];

const blockersOf = ({ tenant, blockers }: Pick<ClosedStatement, 'tenant' | 'blockers'>): readonly string[] =>
  blockers.map(({ detail }) => `${tenant}: ${detail}`);
