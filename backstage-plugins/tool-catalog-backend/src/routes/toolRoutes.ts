import { NotFoundError } from '@backstage/errors';
import { sample } from 'openapi-sampler';
import { z } from 'zod';
import {
  applicationReadPermission,
  occupyingStates,
  toolReadPermission,
  type Plan,
  type Price,
  type ToolDetail,
  type ToolSummary,
} from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { toPrice } from '../billing/toPrice';
import type { ApplicationRecord } from '../database/ApplicationStore';
import type { SubscriptionRecord } from '../database/SubscriptionStore';
import type { Viewer } from '../permissions/Access';
import type { Services } from '../services';
import { accessInWords } from '../tools/accessInWords';
import type { CatalogServer } from '../tools/catalogServers';
import type { ToolDefinition } from '../tools/toolDefinition';
import { covers, matchesAny } from '../tools/toolPatterns';
import { route, type Route } from './route';

const listQuery = z.object({
  query: z.string().max(200).default(''),
  server: z.string().max(200).optional(),
  kind: z.enum(['mcp', 'rest']).optional(),
  owner: z.string().max(200).optional(),
  access: z.enum(['mine']).optional(),
});

type ListQuery = z.infer<typeof listQuery>;

/** What the viewer's teams have, looked up once for a whole list. */
interface Holdings {
  readonly plans: readonly Plan[];
  readonly applications: ReadonlyMap<string, ApplicationRecord>;
  readonly subscriptions: readonly SubscriptionRecord[];
}

export const toolRoutes = (services: Services): readonly Route[] => [
  route<ListQuery>({
    operationId: 'listTools',
    method: 'get',
    path: '/tools',
    summary: 'REST operations and MCP tools that the viewer may see, side by side',
    query: listQuery,
    handle: async ({ viewer, query }) => ({ items: await listTools(services, viewer, query) }),
  }),
  route({
    operationId: 'getTool',
    method: 'get',
    path: '/tools/:server/:tool',
    summary: 'One tool with its schema, an example, and who may call it',
    handle: async ({ viewer, path: { server = '', tool = '' } }) => {
      const found = await services.access.onServer(viewer, toolReadPermission, await services.directory.server(server));
      const definition = await services.directory.tool(found, tool);
      if (definition === undefined) throw new NotFoundError(`${found.title} has no tool ${tool}.`);
      return detail(services, { viewer, server: found, definition });
    },
  }),
];

const listTools = async (
  services: Services,
  viewer: Viewer,
  { query, server, kind, owner, access }: ListQuery,
): Promise<readonly ToolSummary[]> => {
  const servers = await services.access.servers(viewer, toolReadPermission, await services.directory.servers());
  const wanted = servers.filter(
    (each) =>
      (server === undefined || each.server === server) &&
      (kind === undefined || each.kind === kind) &&
      (owner === undefined || each.owner === owner),
  );
  const holdings = await holdingsOf(services, viewer);
  const lists = await Promise.all(
    wanted.map(async (each) => {
      const definitions = (await services.directory.tools(each)).filter((tool) => isFound(each, tool, query));
      const prices = await pricesOf(services, viewer, { server: each, definitions });
      return definitions.map((definition) => ({
        ...summary(each, definition, holdings),
        ...priceField(prices.get(definition.tool)),
      }));
    }),
  );
  const found = lists.flat();
  return access === 'mine' ? found.filter(({ myAccess }) => myAccess.length > 0) : found;
};

/**
 * What the tools cost the viewer's tenant now. Somebody of several tenants sees the first one's prices; somebody of none, like a
 * provider, sees none. A billing service that is away leaves the list without prices.
 */
const pricesOf = async (
  { billing, teams, logger }: Services,
  viewer: Viewer,
  { server, definitions }: { readonly server: CatalogServer; readonly definitions: readonly ToolDefinition[] },
): Promise<ReadonlyMap<string, Price>> => {
  const tenant = billing.isConfigured ? await firstTenant(teams, viewer) : undefined;
  if (tenant === undefined) return new Map();
  try {
    const found = await billing.prices({ tenant, server: server.server, tools: definitions.map(({ tool }) => tool) });
    return new Map(
      found.flatMap((item) => {
        const price = toPrice(item);
        return price === undefined ? [] : [[item.tool, price] as const];
      }),
    );
  } catch (error) {
    logger.warn(`Tools are shown without prices: ${error instanceof Error ? error.message : String(error)}`);
    return new Map();
  }
};

const firstTenant = async (teams: Services['teams'], { claims }: Viewer): Promise<string | undefined> => {
  for (const group of claims.filter((ref) => ref.startsWith('group:'))) {
    const tenant = await teams.tenantOf(group);
    if (tenant !== undefined) return tenant;
  }
  return undefined;
};

const priceField = (price: ToolSummary['price']): Pick<ToolSummary, 'price'> => (price === undefined ? {} : { price });

const isFound = (server: CatalogServer, { tool, title, description }: ToolDefinition, query: string): boolean => {
  const text = `${tool} ${title} ${description} ${server.server} ${server.title}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
};

const holdingsOf = async (
  { access, applications, plans, subscriptions }: Services,
  viewer: Viewer,
): Promise<Holdings> => {
  const mine = await access.applications(viewer, applicationReadPermission, await applications.ofTeams(viewer.claims));
  return {
    plans: await plans.all(),
    applications: new Map(mine.map((application) => [application.id, application])),
    subscriptions: (await subscriptions.ofApplications(mine.map(({ id }) => id))).filter(({ state }) =>
      occupyingStates.includes(state),
    ),
  };
};

const summary = (server: CatalogServer, definition: ToolDefinition, holdings: Holdings): ToolSummary => {
  const plans = holdings.plans.filter(
    (plan) => plan.server === server.server && plan.status === 'active' && matchesAny(plan.tools, definition.tool),
  );
  const held = holdings.subscriptions.filter((subscription) => {
    const plan = holdings.plans.find(({ id }) => id === subscription.plan);
    return subscription.server === server.server && plan !== undefined && covers(plan, subscription, definition.tool);
  });
  return {
    ref: `${server.server}/${definition.tool}`,
    server: server.server,
    tool: definition.tool,
    kind: server.kind,
    title: definition.title,
    description: definition.description,
    entityRef: server.entityRef,
    owner: server.owner,
    plans: plans.map(({ id, name }) => ({ id, name })),
    myAccess: held.map(({ application, state }) => ({
      application: holdings.applications.get(application)?.name ?? application,
      state,
    })),
  };
};

const detail = async (
  services: Services,
  {
    viewer,
    server,
    definition,
  }: { readonly viewer: Viewer; readonly server: CatalogServer; readonly definition: ToolDefinition },
): Promise<ToolDetail> => {
  const holdings = await holdingsOf(services, viewer);
  const prices = await pricesOf(services, viewer, { server, definitions: [definition] });
  const rules = await services.rules();
  return {
    ...summary(server, definition, holdings),
    ...priceField(prices.get(definition.tool)),
    inputSchema: definition.inputSchema,
    ...(definition.outputSchema === undefined ? {} : { outputSchema: definition.outputSchema }),
    ...(definition.annotations === undefined ? {} : { annotations: definition.annotations }),
    ...(definition.operation === undefined ? {} : { operation: definition.operation }),
    example: exampleOf(definition),
    accessInWords: accessInWords({ server: server.server, tool: definition.tool }, { rules, plans: holdings.plans }),
  };
};

/** A schema that no sample can be made of gets none: the form is still there. */
const exampleOf = ({ inputSchema }: ToolDefinition): object => {
  try {
    const example: unknown = sample(inputSchema, { skipReadOnly: true }, inputSchema);
    return typeof example === 'object' && example !== null ? example : {};
  } catch {
    return {};
  }
};
