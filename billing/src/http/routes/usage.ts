import { createRoute, z } from '@hono/zod-openapi';
import { liveUsage } from '../../ledger/live-usage.ts';
import { monthOf } from '../../domain/calendar/period.ts';
import { addDays } from '../../domain/calendar/day.ts';
import { allocationGroups, shareUsage, type SharedUsageQuery } from '../../accrual/share-usage.ts';
import { reportUsage, usageGroups, type UsageGroup, type UsageReportQuery } from '../../ledger/usage-report.ts';
import type { Database } from '../../database/open-database.ts';
import type { Api } from '../create-api.ts';
import { chooseTenant, governed } from '../governed.ts';
import { problem, problemResponses } from '../problem.ts';
import { answers, day, moment, name, oneOf, quantity, repeated, strict, whole } from '../schemas.ts';

const groups = [...usageGroups, ...allocationGroups] as const;

const group = oneOf(groups);

const filters = {
  tenant: name('a tenant').optional(),
  server: name('a server').optional(),
  tool: name('a tool').optional(),
};

const usageRow = z
  .object({
    tenant: z.string().optional(),
    day: day.optional(),
    server: z.string().optional(),
    tool: z.string().optional(),
    kind: z.string().optional(),
    application: z.string().optional(),
    outcome: z.string().optional(),
    team: z.string().optional().openapi({ description: 'Empty: no allocation rule names one.' }),
    costCenter: z.string().optional().openapi({ description: 'Empty: no allocation rule names one.' }),
    quantity,
    allocationWeight: z.int().optional().openapi({
      description:
        'By team or cost center: calls times basis points of the share (10000 is a call borne alone), not rounded to whole calls. An amount is shared by it.',
    }),
    latencyMsMean: z.number().optional(),
    latencyMsMax: z.number().optional(),
    requestBytes: z.number().optional(),
    responseBytes: z.number().optional(),
  })
  .openapi('UsageRow');

const readers = governed({ roles: ['usage', 'finance'], reach: 'tenant' });

const usageRoute = createRoute({
  method: 'get',
  path: '/v1/usage',
  summary: 'Calls of tools in a period, grouped',
  description:
    'From the daily sums: every outcome, refusals included. Grouping by tool also gives its server. By team and cost center, calls are shared by the allocation rules as on statements, and only counted.',
  tags: ['usage'],
  ...readers,
  request: {
    query: strict({
      ...filters,
      application: name('an application').optional(),
      outcome: name('an outcome').optional(),
      from: day.optional().openapi({ description: 'First day (UTC); of this month when left out.' }),
      to: day.optional().openapi({ description: 'The day after the last; tomorrow when left out.' }),
      group_by: repeated(group, { max: groups.length })
        .optional()
        .openapi({ description: 'May be repeated; tool when left out.' }),
    }),
  },
  responses: {
    ...answers(
      'Sorted by the groups.',
      z.object({ from: day, to: day, groupBy: z.array(group), items: z.array(usageRow) }),
    ),
    ...problemResponses,
  },
});

const monitorRow = z
  .object({
    server: z.string(),
    tool: z.string(),
    calls: quantity,
    errors: quantity.openapi({ description: 'The server was at fault, or could not do it.' }),
    errorRate: z.number().openapi({ description: 'Errors among calls that were let through, from 0 to 1.' }),
    refused: quantity,
    p50Ms: z.number().optional(),
    p95Ms: z.number().optional(),
    p99Ms: z.number().optional(),
    lastCallAt: moment,
  })
  .openapi('MonitorRow');

const monitorRoute = createRoute({
  method: 'get',
  path: '/v1/monitor',
  summary: 'The last minutes of tools: calls, errors, latency',
  tags: ['usage'],
  ...readers,
  request: { query: strict({ ...filters, minutes: whole({ min: 1, max: 2_880, preset: 60 }) }) },
  responses: {
    ...answers('Most called first.', z.object({ minutes: z.int(), items: z.array(monitorRow) })),
    ...problemResponses,
  },
});

export const registerUsage = (app: Api): void => {
  app.openapi(usageRoute, async (context) => {
    const { api, access } = context.var;
    const { from, to, group_by: asked, tenant, ...others } = context.req.valid('query');
    const choice = chooseTenant(access, tenant);
    if (!choice.ok) return problem(context, 'forbidden', choice.detail);
    const today = new Date(api.now()).toISOString().slice(0, 10);
    const period = { from: from ?? monthOf(today).start, to: to ?? addDays(today, 1) };
    if (period.from >= period.to)
      return problem(context, 'bad_request', 'query.to: is not after from. It is the day after the last one.');
    const groupBy = [...new Set(asked ?? (['tool'] as const))];
    const query: UsageReportQuery = {
      ...period,
      groupBy: withServer(usageGroups.filter((each) => groupBy.includes(each))),
      ...defined({ ...others, tenant: choice.tenant }),
    };
    const shareBy = allocationGroups.filter((each) => groupBy.includes(each));
    const items =
      shareBy.length > 0
        ? await sharedItems(api.database, { ...query, shareBy })
        : (await reportUsage(api.database, query)).map(({ quantity: count, requestBytes, responseBytes, ...row }) => ({
            ...row,
            ...{ quantity: Number(count), requestBytes: Number(requestBytes), responseBytes: Number(responseBytes) },
          }));
    return context.json({ ...period, groupBy, items }, 200);
  });

  app.openapi(monitorRoute, async (context) => {
    const { api, access } = context.var;
    const { tenant, minutes, ...others } = context.req.valid('query');
    const choice = chooseTenant(access, tenant);
    if (!choice.ok) return problem(context, 'forbidden', choice.detail);
    const rows = await liveUsage(api.database, { minutes, ...defined({ ...others, tenant: choice.tenant }) });
    const items = rows.map(({ calls, errors, refused, p50, p95, p99, lastCallAt, ...tool }) => ({
      ...tool,
      ...{ calls: Number(calls), errors: Number(errors), refused: Number(refused) },
      errorRate: calls === refused ? 0 : Number(errors) / Number(calls - refused),
      ...(p50 === null ? {} : { p50Ms: p50 }),
      ...(p95 === null ? {} : { p95Ms: p95 }),
      ...(p99 === null ? {} : { p99Ms: p99 }),
      lastCallAt: lastCallAt.toISOString(),
    }));
    return context.json({ minutes, items }, 200);
  });
};

const sharedItems = async (database: Database, query: SharedUsageQuery) =>
  (await shareUsage(database, query)).map(({ quantity: count, allocationWeight, ...row }) => ({
    ...row,
    ...{ quantity: Number(count), allocationWeight: Number(allocationWeight) },
  }));

/** Two servers may have tools of one name. */
const withServer = (groupBy: readonly UsageGroup[]): readonly UsageGroup[] =>
  groupBy.includes('tool') && !groupBy.includes('server') ? ['server', ...groupBy] : groupBy;

const defined = <Fields extends Readonly<Record<string, string | undefined>>>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [Key in keyof Fields]?: string;
  };
