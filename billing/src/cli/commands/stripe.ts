import { monthOf } from '../../domain/calendar/period.ts';
import { addDays } from '../../domain/calendar/day.ts';
import { fixOf } from '../../domain/reconciliation/finding.ts';
import { success, type Result } from '../../domain/result.ts';
import { applyCatalog } from '../../stripe/catalog/apply-catalog.ts';
import { describeChange } from '../../stripe/catalog/catalog-change.ts';
import { planCatalog, type CatalogOptions } from '../../stripe/catalog/plan-catalog.ts';
import type { ProviderFailure } from '../../stripe/billing-provider.ts';
import { resendDifferences } from '../../stripe/outbox/resend.ts';
import type { ProviderContext } from '../../stripe/provider-context.ts';
import { reconcile as compare, type ReconciledItem } from '../../stripe/reconciliation/reconcile.ts';
import { listRunItems, listRuns } from '../../stripe/reconciliation/store-run.ts';
import type { Arguments, SessionCommand } from '../command.ts';
import { misconfigured, refused, unavailable, type CliFailure } from '../failure.ts';
import { readMonth, readTenant, today } from '../options.ts';
import type { Session } from '../session.ts';
import { formatTable, plural } from '../table.ts';

const needStripe = ({ provider }: Session): Result<ProviderContext, CliFailure> =>
  provider === undefined
    ? misconfigured({
        ...{ path: 'STRIPE_MODE', problem: 'Stripe is off.' },
        suggestion: 'Set STRIPE_MODE=shadow and STRIPE_SECRET_KEY=sk_test_..., see docs/billing.md.',
      })
    : success(provider);

const stripeFailed = ({ kind, message }: ProviderFailure) => {
  if (kind === 'unavailable') return unavailable(`Stripe does not answer: ${message} Try again.`);
  if (kind === 'unauthorized')
    return misconfigured({
      path: 'STRIPE_SECRET_KEY',
      problem: message,
      suggestion: 'Check the key and what it may do.',
    });
  return refused(`Stripe refuses: ${message}`);
};

const catalogOptions = { reactivate: { type: 'boolean' } } as const;

const catalogHelp = `
  --reactivate      also bring back meters and products that were deactivated at Stripe`;

const readCatalogOptions = (parameters: Arguments): CatalogOptions => ({
  isReactivating: parameters.flag('reactivate'),
});

export const catalogPlan: SessionCommand = {
  name: 'catalog plan',
  needs: 'database',
  summary: 'what Stripe lacks: customers, products, prices, meters',
  usage: '[--reactivate]',
  help: `Compares tenants and prices with Stripe's customers, products, meters, prices and subscriptions. Changes nothing. Exit code 1
when something differs.

  stoa-billing catalog plan
${catalogHelp}`,
  options: catalogOptions,
  positionals: { min: 0, max: 0 },
  run: async (parameters, session) => {
    const context = needStripe(session);
    if (!context.ok) return context;
    const plan = await planCatalog(context.value, readCatalogOptions(parameters));
    if (!plan.ok) return stripeFailed(plan.error);
    const { changes, problems } = plan.value;
    const lines = [
      ...changes.map(describeChange),
      ...problems.map(({ subject, problem, fix }) => `! ${subject}: ${problem} ${fix}`),
    ];
    return success({
      hasFindings: lines.length > 0,
      text: lines.length === 0 ? 'Stripe has everything.' : lines.join('\n'),
      json: { changes: changes.map(describeChange), problems },
    });
  },
};

export const catalogApply: SessionCommand = {
  name: 'catalog apply',
  needs: 'database',
  summary: 'make and change them',
  usage: '[--reactivate] [--dry-run]',
  help: `Does what catalog plan shows, step by step. After a failure run it again: nothing is made twice.

  stoa-billing catalog apply --dry-run
  stoa-billing catalog apply
${catalogHelp}
  --dry-run         show the plan, change nothing`,
  options: { ...catalogOptions, 'dry-run': { type: 'boolean' } },
  positionals: { min: 0, max: 0 },
  run: async (parameters, session, io) => {
    if (parameters.flag('dry-run')) return catalogPlan.run(parameters, session, io);
    const context = needStripe(session);
    if (!context.ok) return context;
    const plan = await planCatalog(context.value, readCatalogOptions(parameters));
    if (!plan.ok) return stripeFailed(plan.error);
    const { changes, problems } = plan.value;
    if (problems.length > 0)
      return refused(
        'Nothing is changed.',
        problems.map(({ subject, problem, fix }) => `${subject}: ${problem} ${fix}`),
      );
    let done = 0;
    const applied = await applyCatalog(context.value, plan.value, (change) => {
      done += 1;
      session.progress(`${done} of ${changes.length}: ${describeChange(change)}`);
    });
    if (!applied.ok) return stripeFailed(applied.error.failure);
    return success({ text: `${plural(applied.value.applied, 'change')} made.`, json: applied.value });
  },
};

export const reconcile: SessionCommand = {
  name: 'reconcile',
  needs: 'database',
  summary: 'compare every place that counts, from the gateway to the payment',
  usage: '[MONTH] [--tenant ID] [--resend] [--last]',
  help: `Compares what nodes numbered, what the ledger holds, what daily usage adds up to, what was sent to Stripe and counted there, and
what was billed, invoiced and paid. Each difference has a hop, a cause and a fix. Exit code 1 when one will not go by itself.

  stoa-billing reconcile
  stoa-billing reconcile 2026-11 --tenant acme
  stoa-billing reconcile --last

  --tenant ID       only this tenant's
  --resend          send again what Stripe took and did not count
  --last            show the newest kept comparison instead of making one`,
  options: { tenant: { type: 'string' }, resend: { type: 'boolean' }, last: { type: 'boolean' } },
  positionals: { min: 0, max: 1 },
  run: async (parameters, session) => {
    const context = needStripe(session);
    if (!context.ok) return context;
    if (parameters.flag('last')) return showLast(context.value);
    const now = session.now();
    const [month] = parameters.positionals;
    const period = readMonth(month, now);
    if (!period.ok) return period;
    const tenant = parameters.option('tenant');
    if (tenant !== undefined) {
      const known = await readTenant(session.database, tenant);
      if (!known.ok) return known;
    }
    const isRunning = period.value.start === monthOf(today(now)).start;
    const endDay = isRunning ? addDays(today(now), 1) : period.value.end;
    const report = await compare(context.value, {
      ...{ firstDay: period.value.start, endDay },
      ...(tenant === undefined ? {} : { tenant }),
    });
    if (!report.ok) return stripeFailed(report.error);
    const { id, items, days } = report.value;
    const resent = parameters.flag('resend') ? await resendDifferences(context.value, items) : 0;
    return success({
      hasFindings: items.some(({ isPending }) => !isPending),
      text: [
        `${id}: ${plural(days.length, 'day')} of tools compared, ${plural(items.length, 'difference')}.`,
        ...describeItems(items),
        ...(resent > 0 ? [`${plural(resent, 'total')} will be sent again.`] : []),
      ].join('\n'),
      json: { id, compared: days.length, items, resent },
    });
  },
};

const showLast = async (context: ProviderContext) => {
  const [run] = await listRuns(context, { limit: 1 });
  if (run === undefined) return refused('Nothing was compared yet; run: stoa-billing reconcile.');
  const items = await listRunItems(context, run.id);
  return success({
    hasFindings: run.wrong > 0,
    text: [
      `${run.id}: ${run.firstDay} up to ${run.endDay}, ${plural(run.compared, 'day')} of tools, ${run.wrong} wrong, ${run.pending} pending.`,
      ...describeItems(items),
    ].join('\n'),
    json: { run, items },
  });
};

const describeItems = (items: readonly ReconciledItem[]): readonly string[] => {
  if (items.length === 0) return [];
  const rows = items.map(({ hop, cause, tenant, subject, day, expected, found, isPending }) => [
    ...[isPending ? 'pending' : 'WRONG', hop, cause, tenant ?? '-', subject, day ?? '-'],
    ...[expected.toString(), found.toString()],
  ]);
  const causes = [...new Set(items.map(({ cause }) => cause))];
  return [
    formatTable([['', 'hop', 'cause', 'tenant', 'subject', 'day', 'expected', 'found'], ...rows], { right: [6, 7] }),
    ...causes.map((cause) => `${cause}: ${fixOf(cause)}`),
  ];
};
