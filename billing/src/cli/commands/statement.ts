import { accrueTenant } from '../../accrual/accrue.ts';
import { describeIssue } from '../../domain/issue.ts';
import { monthName } from '../../domain/calendar/period.ts';
import { formatMoney } from '../../domain/money/money.ts';
import { formatQuantity } from '../../domain/money/quantity.ts';
import { success } from '../../domain/result.ts';
import type { Statement } from '../../domain/statements/statement.ts';
import { describeModel } from '../../domain/pricing/describe-model.ts';
import { explainLine } from '../../statements/explain-line.ts';
import { findStatement, listStatements } from '../../statements/statement-store.ts';
import { verifyStatement } from '../../statements/verify-statement.ts';
import type { SessionCommand } from '../command.ts';
import { misused, refused } from '../failure.ts';
import { readMonth, readTenant } from '../options.ts';
import { formatTable, plural } from '../table.ts';

export const preview: SessionCommand = {
  name: 'preview',
  needs: 'database',
  summary: "a tenant's month as its statement would be now",
  usage: 'TENANT [MONTH]',
  help: `Rates a month (default: this one) as closing it now would, and shows what it is expected to become. Stores nothing.

  stoa-billing preview acme
  stoa-billing preview acme 2026-11 --json
`,
  options: {},
  positionals: { min: 1, max: 2 },
  run: async ({ positionals: [id = '', month] }, { database, now }) => {
    const tenant = await readTenant(database, id);
    if (!tenant.ok) return tenant;
    const period = readMonth(month, now());
    if (!period.ok) return period;
    const accrued = await accrueTenant(database, { tenant: id, period: period.value, now: now() });
    if (!accrued.ok) return refused(`${id} cannot be rated.`, accrued.error.map(describeIssue));
    const { statement, forecast } = accrued.value;
    const expected =
      forecast === undefined ? [] : [`Expected at the end: ${formatMoney(forecast.subtotalMinor, statement.currency)}`];
    return success({
      hasFindings: statement.unpriced.length > 0,
      text: [`${monthName(period.value)} so far, not final`, linesOf(statement), ...expected].join('\n'),
      json: { statement, forecastMinor: forecast?.subtotalMinor },
    });
  },
};

export const statement: SessionCommand = {
  name: 'statement',
  needs: 'database',
  summary: 'list statements, show one, or verify one',
  usage: '[ID] [--tenant ID] [--month MONTH] [--verify]',
  help: `Lists statements, or shows one with its lines. With --verify a sealed one is checked from its seal down to every call that it
bills; exit code 1 when something is not what was sealed.

  stoa-billing statement --month 2026-11
  stoa-billing statement stm_2026-11_0123456789abcdef
  stoa-billing statement stm_2026-11_0123456789abcdef --verify

  --tenant ID       only this tenant's
  --month MONTH     only of this month
  --verify          read everything again and compare`,
  options: { tenant: { type: 'string' }, month: { type: 'string' }, verify: { type: 'boolean' } },
  positionals: { min: 0, max: 1 },
  run: async (parameters, { database, now }) => {
    const [id] = parameters.positionals;
    if (id === undefined) {
      if (parameters.flag('verify')) return misused('name the statement to verify');
      const month = parameters.option('month');
      const period = month === undefined ? undefined : readMonth(month, now());
      if (period?.ok === false) return period;
      const tenant = parameters.option('tenant');
      const stored = await listStatements(database, {
        ...(tenant === undefined ? {} : { tenant }),
        ...(period === undefined ? {} : { periodStart: period.value.start }),
      });
      const rows = stored.map(({ statement: each, state, stripeInvoiceId }) => [
        ...[each.id, each.tenant, each.periodStart.slice(0, 7), state],
        ...[formatMoney(each.subtotalMinor, each.currency), stripeInvoiceId ?? '-'],
      ]);
      const text =
        rows.length === 0
          ? 'There are no statements. Make some with: stoa-billing close.'
          : formatTable([['statement', 'tenant', 'month', 'state', 'subtotal', 'invoice'], ...rows], { right: [4] });
      return success({ text, json: { statements: stored } });
    }
    if (parameters.flag('verify')) {
      const check = await verifyStatement(database, id);
      if (!check.ok) return refused(describeIssue(check.error));
      const { lines, records, faults } = check.value;
      const sound = `${id} is what was sealed: ${plural(lines, 'line')}, ${formatQuantity(records)} records read.`;
      const text = faults.length === 0 ? sound : faults.map(({ detail }) => detail).join('\n');
      return success({ hasFindings: faults.length > 0, text, json: check.value });
    }
    const stored = await findStatement(database, id);
    if (stored === undefined) return refused(`There is no statement ${id}; see: stoa-billing statement.`);
    const { statement: found, state, blockers } = stored;
    const text = [
      `${found.id}: ${found.tenantName}, ${found.periodStart.slice(0, 7)}, ${state}`,
      linesOf(found),
      ...blockers.map(({ detail }) => `blocker: ${detail}`),
    ].join('\n');
    return success({ text, json: stored });
  },
};

const linesOf = ({ lines, currency, subtotalMinor, unpriced }: Statement): string =>
  [
    formatTable(
      [
        ...lines.map(({ lineNo, description, amountMinor }) => [
          ...[String(lineNo), description, formatMoney(amountMinor, currency)],
        ]),
        ['', 'Total before tax', formatMoney(subtotalMinor, currency)],
      ],
      { right: [0, 2] },
    ),
    ...unpriced.map(({ server, tool, quantity }) => `no price: ${server}/${tool}, ${formatQuantity(quantity)} calls`),
  ].join('\n');

export const explain: SessionCommand = {
  name: 'explain',
  needs: 'database',
  summary: 'how a line came about, down to the calls',
  usage: 'STATEMENT LINE [--calls N]',
  help: `Shows how the amount of a line came about, step by step, what was hashed when it was sealed, and its first calls.

  stoa-billing explain stm_2026-11_0123456789abcdef 1
  stoa-billing explain stm_2026-11_0123456789abcdef 1 --calls 1000 --json

  --calls N         how many calls to show, 1 to 1000 (default 10)`,
  options: { calls: { type: 'string' } },
  positionals: { min: 2, max: 2 },
  run: async (parameters, { database }) => {
    const [statementId = '', line = ''] = parameters.positionals;
    const calls = parameters.option('calls') ?? '10';
    if (!/^\d{1,6}$/.test(line)) return misused('LINE is a number');
    if (!/^[1-9]\d{0,3}$/.test(calls) || Number(calls) > 1000) return misused('--calls is a number from 1 to 1000');
    const explained = await explainLine(database, { statementId, lineNo: Number(line), limit: Number(calls) });
    if (!explained.ok) return refused(describeIssue(explained.error));
    const { steps, price, buckets, invocations, nextCursor, line: shown } = explained.value;
    const text = [
      shown.description,
      ...steps.map((step) => `  ${step}`),
      ...(price === undefined ? [] : [`Price ${price.id}: ${describeModel(price.price)} from ${price.effectiveFrom}`]),
      ...(shown.evidenceSha256 === undefined ? [] : [`Evidence ${shown.evidenceSha256}`]),
      ...buckets.map(({ day, outcome, count, sha256 }) => `  ${day} ${outcome} ${count} ${sha256.slice(0, 16)}`),
      ...invocations.map(({ id, occurredAt, application, outcome }) =>
        ['  call', id, occurredAt.toISOString(), application === '' ? '-' : application, outcome].join('  '),
      ),
      ...(nextCursor === undefined ? [] : ['  and more; --calls shows them']),
    ].join('\n');
    return success({ text, json: { line: shown, steps, price, buckets, invocations, nextCursor } });
  },
};
