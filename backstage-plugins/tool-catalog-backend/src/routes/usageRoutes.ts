import { NotFoundError } from '@backstage/errors';
import { z } from 'zod';
import {
  serverUsageReadPermission,
  toolReadPermission,
  usageReadPermission,
  costReadPermission,
  usageGroupings,
  type Monitor,
  type StatementDetail,
  type StatementSummary,
  type UsageReport,
} from '@mcp-governance/backstage-plugin-tool-catalog-common';
import type { RecordItem, StatementItem } from '../billing/BillingClient';
import { summariseRecords } from '../billing/summariseRecords';
import { summariseUsage } from '../billing/summariseUsage';
import type { ApplicationRecord } from '../database/ApplicationStore';
import type { Viewer } from '../permissions/Access';
import type { Services } from '../services';
import { route, type Route } from './route';

const usageQuery = z.object({
  month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'write it as YYYY-MM'),
  groupBy: z.enum(usageGroupings).default('tool'),
});

const monitorQuery = z.object({
  server: z.string().max(200),
  tool: z.string().max(256).optional(),
  minutes: z.coerce.number().int().min(1).max(2_880).default(60),
});

export const usageRoutes = (services: Services): readonly Route[] => [
  route<z.infer<typeof usageQuery>>({
    operationId: 'getUsage',
    method: 'get',
    path: '/usage',
    summary: "Calls and cost of a month: of the viewer's applications, or of all for finance",
    query: usageQuery,
    handle: async ({ viewer, query }) => usageReport(services, viewer, query),
  }),
  route<z.infer<typeof monitorQuery>>({
    operationId: 'getMonitor',
    method: 'get',
    path: '/monitor',
    summary: "The last minutes of a server or tool: all calls for its provider, their own applications' for others",
    query: monitorQuery,
    handle: async ({ viewer, query }) => monitor(services, viewer, query),
  }),
  route({
    operationId: 'listStatements',
    method: 'get',
    path: '/statements',
    summary: 'Statements of all tenants, for finance',
    handle: async ({ viewer }) => ({
      items: (await services.access.hasRole(viewer, 'finance'))
        ? (await services.billing.statements()).map(toSummary)
        : [],
    }),
  }),
  route({
    operationId: 'getStatement',
    method: 'get',
    path: '/statements/:id',
    summary: 'A statement with its lines, for finance',
    handle: async ({ viewer, path: { id = '' } }) => {
      if (!(await services.access.hasRole(viewer, 'finance'))) throw new NotFoundError('There is no such statement.');
      return toDetail(await services.billing.statement(id));
    },
  }),
];

const groups = ['tenant', 'application', 'server', 'tool', 'outcome', 'day'] as const;
/** Of each of those, who bears it by billing's allocation rules. */
const shareGroups = [...groups, 'team', 'cost_center'] as const;

const usageReport = async (
  services: Services,
  viewer: Viewer,
  { month, groupBy }: z.infer<typeof usageQuery>,
): Promise<UsageReport> => {
  const { access, applications, billing } = services;
  const [from, to] = daysOf(month);
  const all = await applications.all();
  const seesAll = await access.hasRole(viewer, 'finance');
  const mine = await access.applications(viewer, usageReadPermission, all);
  const paid = await access.applications(viewer, costReadPermission, mine);
  const tenants = seesAll ? [undefined] : [...new Set(mine.map(({ tenant }) => tenant))];
  const perTenant = await Promise.all(
    tenants.map(async (tenant) => {
      const asked = { from, to, ...(tenant === undefined ? {} : { tenant }) };
      const usage = await billing.usage({ ...asked, groupBy: groups });
      // Asked after the usage, so that it has the shares of all of it.
      const shares = groupBy === 'costCenter' ? await billing.usage({ ...asked, groupBy: shareGroups }) : [];
      return { usage, shares, accruals: await billing.accrual(month, tenant) };
    }),
  );
  const wholeUsage = perTenant.flatMap(({ usage }) => usage);
  const own = new Map(mine.map((application) => [application.id, application]));
  const isOwn = (application = '', tenant = ''): boolean => own.get(application)?.tenant === tenant;
  const usage = seesAll ? wholeUsage : wholeUsage.filter((item) => isOwn(item.application, item.tenant));
  return {
    from,
    to,
    ...summariseUsage({
      ...{ usage, wholeUsage, groupBy, teamOf: teamsOf(all) },
      shares: perTenant.flatMap(({ shares }) => shares),
      accruals: seesAll || paid.length > 0 ? perTenant.flatMap(({ accruals }) => accruals) : [],
    }),
  };
};

/** The team of an application that the portal made; others have the name that Kong gives them. */
const teamsOf = (all: readonly ApplicationRecord[]): ((application: string) => string) => {
  const teams = new Map(all.map(({ id, team }) => [id, team]));
  return (application) => teams.get(application) ?? '';
};

/** First day, and the day after the last. */
const daysOf = (month: string): readonly [string, string] => {
  const [year = 0, one = 1] = month.split('-').map(Number);
  return [`${month}-01`, new Date(Date.UTC(year, one, 1)).toISOString().slice(0, 10)];
};

/** Pages of 500: a form needs no more to show how things are, and a dashboard of all traffic is Grafana's. */
const MAX_PAGES = 4;

const monitor = async (
  services: Services,
  viewer: Viewer,
  { server, tool, minutes }: z.infer<typeof monitorQuery>,
): Promise<Monitor> => {
  const { access, applications, directory, now } = services;
  const found = await access.onServer(viewer, toolReadPermission, await directory.server(server));
  const [provided] = await access.servers(viewer, serverUsageReadPermission, [found]);
  const filter = {
    from: new Date(now() - minutes * 60_000).toISOString(),
    to: new Date(now()).toISOString(),
    server: found.server,
    ...(tool === undefined ? {} : { tool }),
  };
  const mine = await access.applications(viewer, usageReadPermission, await applications.ofTeams(viewer.claims));
  const records =
    provided === undefined
      ? (
          await Promise.all(mine.map(({ id, tenant }) => allRecords(services, { ...filter, application: id, tenant })))
        ).flat()
      : await allRecords(services, filter);
  return summariseRecords(
    records.filter(({ tool: name }) => name !== undefined),
    { minutes, now: now() },
  );
};

const allRecords = async (
  { billing }: Services,
  filter: Parameters<Services['billing']['records']>[0],
): Promise<readonly RecordItem[]> => {
  const records: RecordItem[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { items, nextCursor } = await billing.records({
      ...filter,
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
    });
    records.push(...items);
    if (nextCursor === undefined) break;
    cursor = nextCursor;
  }
  return records;
};

const toSummary = ({
  id,
  tenant,
  periodStart,
  periodEnd,
  state,
  subtotal,
  stripeInvoiceId,
}: StatementItem): StatementSummary => ({
  ...{ id, tenant, periodStart, periodEnd, state, subtotal: subtotal.text, currency: subtotal.currency },
  ...(stripeInvoiceId === undefined ? {} : { stripeInvoiceId }),
});

const toDetail = (statement: StatementItem): StatementDetail => ({
  ...toSummary(statement),
  lines: (statement.lines ?? []).map(({ amount, ...line }) => ({ ...line, amount: amount.text })),
});
