import {
  describeScope,
  enforcements,
  type Budget,
  type BudgetLimit,
  type BudgetScope,
} from '../../domain/budgets/budget.ts';
import { monthOf } from '../../domain/calendar/period.ts';
import { formatMoney } from '../../domain/money/money.ts';
import { formatQuantity } from '../../domain/money/quantity.ts';
import { describeIssue } from '../../domain/issue.ts';
import { success, type Result } from '../../domain/result.ts';
import { deleteBudget, listBudgets, putBudget, type StoredBudget } from '../../budgets/budget-store.ts';
import { composePolicy, currentEnforcement } from '../../budgets/enforcement.ts';
import { parseMinor } from '../../price-book/to-price-version.ts';
import type { Arguments, SessionCommand } from '../command.ts';
import { misconfigured, misused, refused, type CliFailure } from '../failure.ts';
import { actorOf, readTenant, today } from '../options.ts';
import { formatTable } from '../table.ts';

export const budgetSet: SessionCommand = {
  name: 'budget set',
  needs: 'database',
  summary: 'make or replace a budget',
  usage: 'ID --tenant ID (--amount AMOUNT | --calls N) [options]',
  help: `A budget is what a tenant, or a part of it, may use in a month (UTC). Notices go out at 50, 80, 95 and 100 %; with enforcement
enabled the gateway refuses from 100 % on.

  stoa-billing budget set acme-month --tenant acme --amount 500.00
  stoa-billing budget set acme-support --tenant acme --team support --calls 10000 --enforcement warn_only
  stoa-billing budget set acme-invoices --tenant acme --tool orders/create_invoice --amount 100.00

  --tenant ID       whose budget it is
  --amount AMOUNT   in major units of the tenant's currency
  --calls N         billable calls
  --team NAME       only this team's (consumers with the tag team:<name>)
  --application ID  only this application's
  --tool S/T        only this tool of this server
  --enforcement E   enabled, warn_only or disabled (default enabled)`,
  options: {
    tenant: { type: 'string' },
    amount: { type: 'string' },
    calls: { type: 'string' },
    team: { type: 'string' },
    application: { type: 'string' },
    tool: { type: 'string' },
    enforcement: { type: 'string' },
  },
  positionals: { min: 1, max: 1 },
  run: async (parameters, { database }, io) => {
    const [id = ''] = parameters.positionals;
    if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(id))
      return misused(`an id has up to 64 small letters, digits, dots and dashes, and ${JSON.stringify(id)} has others`);
    const enforcement = enforcements.find((each) => each === (parameters.option('enforcement') ?? 'enabled'));
    if (enforcement === undefined) return misused(`--enforcement is one of ${enforcements.join(', ')}`);
    const scope = readScope(parameters);
    if (!scope.ok) return scope;
    const named = parameters.option('tenant');
    if (named === undefined) return misused('name the tenant with --tenant');
    const tenant = await readTenant(database, named);
    if (!tenant.ok) return tenant;
    const limit = readLimit(parameters, tenant.value.currency);
    if (!limit.ok) return limit;
    const [before] = await listBudgets(database, { id, periodStart: '1970-01-01' });
    if (before !== undefined && before.budget.tenant !== named)
      return refused(`Budget ${id} is of tenant ${before.budget.tenant}. Choose another id.`);
    const budget: Budget = { id, tenant: named, scope: scope.value, period: 'month', limit: limit.value, enforcement };
    await putBudget(database, budget, actorOf(io));
    return success({
      text: `Budget ${id} (${describeScope(budget)}) is ${limitText(limit.value)} a month.`,
      json: { budget },
    });
  },
};

const readScope = (parameters: Arguments): Result<BudgetScope, CliFailure> => {
  const [team, application, tool] = ['team', 'application', 'tool'].map(parameters.option);
  const given = [team, application, tool].filter((each) => each !== undefined);
  if (given.length > 1) return misused('give one of --team, --application and --tool');
  if (given.some((name) => !/^[^*\p{Cc}]+$/u.test(name))) return misused('names have no * and no control characters');
  if (team !== undefined) return success({ kind: 'team', team });
  if (application !== undefined) return success({ kind: 'application', application });
  if (tool === undefined) return success({ kind: 'tenant' });
  const [, server, name] = /^([^/]+)\/(.+)$/.exec(tool) ?? [];
  return server === undefined || name === undefined
    ? misused('write --tool as server/tool, for example orders/create_invoice')
    : success({ kind: 'tool', server, tool: name });
};

const readLimit = (parameters: Arguments, currency: string): Result<BudgetLimit, CliFailure> => {
  const [amount, calls] = [parameters.option('amount'), parameters.option('calls')];
  if ((amount === undefined) === (calls === undefined)) return misused('give either --amount or --calls');
  if (calls !== undefined)
    return /^\d{1,15}$/.test(calls)
      ? success({ kind: 'quantity', quantity: BigInt(calls) })
      : misused('--calls is a whole number');
  const minor = parseMinor(amount ?? '', currency, '--amount');
  return minor.ok ? success({ kind: 'amount', minor: minor.value, currency }) : misused(describeIssue(minor.error));
};

export const budgetList: SessionCommand = {
  name: 'budget list',
  needs: 'database',
  summary: 'budgets and how they stand',
  usage: '[--tenant ID]',
  help: `Lists budgets with this month so far. Exit code 1 when one of them is used up.

  stoa-billing budget list --tenant acme

  --tenant ID       only this tenant's`,
  options: { tenant: { type: 'string' } },
  positionals: { min: 0, max: 0 },
  run: async (parameters, { database, now }) => {
    const tenant = parameters.option('tenant');
    const periodStart = monthOf(today(now())).start;
    const budgets = await listBudgets(database, { periodStart, ...(tenant === undefined ? {} : { tenant }) });
    return success({
      hasFindings: budgets.some(({ state }) => state?.isExhausted === true),
      text:
        budgets.length === 0
          ? 'There are no budgets. Make one with: stoa-billing budget set.'
          : formatTable([['budget', 'of', 'used', 'limit', '%', 'enforcement'], ...budgets.map(toRow)], { right: [4] }),
      json: { budgets },
    });
  },
};

const toRow = ({ budget, state }: StoredBudget): readonly string[] => {
  const { limit } = budget;
  const most = limit.kind === 'amount' ? limit.minor : limit.quantity;
  const spent = state?.spent;
  return [
    ...[budget.id, describeScope(budget)],
    spent === undefined
      ? 'not compared yet'
      : limitText(limit.kind === 'amount' ? { ...limit, minor: spent } : { ...limit, quantity: spent }),
    limitText(limit),
    spent === undefined || most === 0n ? '-' : ((spent * 100n) / most).toString(),
    budget.enforcement,
  ];
};

const limitText = (limit: BudgetLimit): string =>
  limit.kind === 'amount' ? formatMoney(limit.minor, limit.currency) : `${formatQuantity(limit.quantity)} calls`;

export const budgetDelete: SessionCommand = {
  name: 'budget delete',
  needs: 'database',
  summary: 'delete a budget',
  usage: 'ID',
  help: `Deletes a budget with its notices. What it refused is allowed again when gateways next ask.

  stoa-billing budget delete acme-month
`,
  options: {},
  positionals: { min: 1, max: 1 },
  run: async ({ positionals: [id = ''] }, { database }) =>
    (await deleteBudget(database, id))
      ? success({ text: `Budget ${id} is deleted.`, json: { id } })
      : refused(`There is no budget ${id}; see: stoa-billing budget list.`),
};

export const budgetPolicy: SessionCommand = {
  name: 'budget policy',
  needs: 'database',
  summary: "the gateway's policy with used-up budgets in it",
  usage: '[--base FILE] [--out FILE]',
  help: `Prints the operator's policy document with the limits of used-up budgets added, or writes it where a gateway watches it
(policy.file). Gateways that poll GET /v1/policy need no file.

  stoa-billing budget policy --base policy.yaml --out /etc/kong/policy.json

  --base FILE       the operator's document (default BILLING_POLICY_FILE, or none)
  --out FILE        write it there, whole or not at all, instead of printing it`,
  options: { base: { type: 'string' }, out: { type: 'string' } },
  positionals: { min: 0, max: 0 },
  run: async (parameters, { database, now, settings }, io) => {
    const base = parameters.option('base') ?? settings.policyFile;
    const text = base === undefined ? undefined : io.readFile(base);
    if (text?.ok === false) return misconfigured({ path: base ?? '', problem: `${text.error}.` });
    const enforcement = await currentEnforcement(database, { now: now() });
    const policy = composePolicy(text?.value, enforcement);
    if (!policy.ok) return misconfigured({ ...policy.error, path: `${base ?? ''} ${policy.error.path}`.trim() });
    const out = parameters.option('out');
    const json = {
      revision: enforcement.revision,
      exhausted: enforcement.exhausted,
      policy: JSON.parse(policy.value) as unknown,
    };
    if (out === undefined) return success({ text: policy.value.trimEnd(), json });
    const written = io.writeFile(out, policy.value);
    if (!written.ok) return misconfigured({ path: out, problem: `${written.error}.` });
    return success({ text: `${out} refuses ${enforcement.limits.length} used-up budgets.`, json });
  },
};
