import { ConflictError, InputError, NotAllowedError, NotFoundError } from '@backstage/errors';
import { z } from 'zod';
import {
  applicationReadPermission,
  subscriptionApprovePermission,
  subscriptionCreatePermission,
  subscriptionRevokePermission,
  toolReadPermission,
  type Subscription,
  type SubscriptionAction,
} from '@mcp-governance/backstage-plugin-tool-catalog-common';
import type { ApplicationRecord } from '../database/ApplicationStore';
import type { SubscriptionRecord } from '../database/SubscriptionStore';
import type { Viewer } from '../permissions/Access';
import type { Services } from '../services';
import { matchesAny } from '../tools/toolPatterns';
import { route, type Route } from './route';

const newSubscription = z.object({
  application: z.string().max(40),
  server: z.string().max(200),
  plan: z.string().max(100),
  tools: z.array(z.string().max(200)).min(1).max(1_000).optional(),
});

const decision = z.object({ reason: z.string().trim().max(500).optional() });

const listQuery = z.object({ role: z.enum(['mine', 'provider']).default('mine') });

/** Decisions of the provider's side; `revoke` is open to the application's team as well. */
const providerActions = ['approve', 'reject', 'suspend', 'resume'] as const;

export const subscriptionRoutes = (services: Services): readonly Route[] => [
  route<z.infer<typeof listQuery>>({
    operationId: 'listSubscriptions',
    method: 'get',
    path: '/subscriptions',
    summary: "Subscriptions of the viewer's applications, or to the servers that the viewer's groups provide",
    query: listQuery,
    handle: async ({ viewer, query }) => ({
      items: await present(
        services,
        query.role === 'mine' ? await mine(services, viewer) : await provided(services, viewer),
      ),
    }),
  }),
  route<Record<string, never>, z.infer<typeof newSubscription>>({
    operationId: 'subscribe',
    method: 'post',
    path: '/subscriptions',
    summary: 'Subscribes an application to a plan of a server: pending, or active where the plan asks for no approval',
    body: newSubscription,
    status: 201,
    handle: async ({ viewer, body }) => first(await present(services, [await subscribe(services, viewer, body)])),
  }),
  ...providerActions.map((action) =>
    route<Record<string, never>, z.infer<typeof decision>>({
      operationId: `${action}Subscription`,
      method: 'post',
      path: `/subscriptions/:id/${action}`,
      summary: `${action} a subscription, as the group that provides the server; never one's own request`,
      body: decision,
      handle: async ({ viewer, path: { id = '' }, body }) => decide(services, viewer, { id, action, ...body }),
    }),
  ),
  route<Record<string, never>, z.infer<typeof decision>>({
    operationId: 'revokeSubscription',
    method: 'post',
    path: '/subscriptions/:id/revoke',
    summary: "Ends a subscription, as the application's team or the server's provider",
    body: decision,
    handle: async ({ viewer, path: { id = '' }, body }) => decide(services, viewer, { id, action: 'revoke', ...body }),
  }),
];

const mine = async ({ access, applications, subscriptions }: Services, viewer: Viewer) => {
  const own = await access.applications(viewer, applicationReadPermission, await applications.ofTeams(viewer.claims));
  return subscriptions.ofApplications(own.map(({ id }) => id));
};

const provided = async ({ access, directory, subscriptions }: Services, viewer: Viewer) => {
  const servers = await access.servers(viewer, subscriptionApprovePermission, await directory.servers());
  return subscriptions.ofServers(servers.map(({ server }) => server));
};

const subscribe = async (
  services: Services,
  viewer: Viewer,
  { application: id, server: name, plan: planId, tools }: z.infer<typeof newSubscription>,
): Promise<SubscriptionRecord> => {
  const { access, directory, applications, plans, subscriptions, now } = services;
  const application = await access.onApplication(viewer, subscriptionCreatePermission, await applications.find(id));
  const server = await access.onServer(viewer, toolReadPermission, await directory.server(name));
  const plan = await plans.find(planId);
  if (plan === undefined || plan.server !== name || plan.status !== 'active')
    throw new InputError(`plan: ${server.title} offers no plan ${planId}.`);
  const foreign = tools?.find((tool) => !matchesAny(plan.tools, tool));
  if (foreign !== undefined) throw new InputError(`tools: the plan ${plan.name} does not include ${foreign}.`);
  const isAutomatic = !plan.requiresApproval || plan.autoApprovedTeams.includes(application.team);
  const added = await subscriptions.add({
    ...{ application: application.id, server: name, plan: plan.id, actor: viewer.user, now: now() },
    state: isAutomatic ? 'active' : 'pending',
    ...(tools === undefined ? {} : { tools }),
    ...(isAutomatic ? { reason: 'approved by the plan' } : {}),
  });
  if (added === undefined)
    throw new ConflictError(
      `${application.name} already has a subscription to ${server.title} that is pending, active or suspended: revoke it first.`,
    );
  if (!isAutomatic)
    await services.announcer.announce({
      to: [server.owner],
      title: `${application.name} asks for ${server.title}`,
      description: `${viewer.user} of ${application.team} wants the plan "${plan.name}".`,
      link: '/approvals',
    });
  return added;
};

interface Wanted {
  readonly id: string;
  readonly action: SubscriptionAction;
  readonly reason?: string | undefined;
}

const decide = async (services: Services, viewer: Viewer, { id, action, reason }: Wanted): Promise<Subscription> => {
  const subscription = await services.subscriptions.find(id);
  const application = subscription && (await services.applications.find(subscription.application));
  if (subscription === undefined || application === undefined)
    throw new NotFoundError('There is no such subscription.');
  await mayDecide(services, viewer, { subscription, application, action });
  const answer = await services.subscriptions.transition({
    ...{ id, action, actor: viewer.user, now: services.now() },
    ...(reason === undefined ? {} : { reason }),
  });
  if (answer === undefined) throw new NotFoundError('There is no such subscription.');
  if (!answer.ok)
    throw new ConflictError(`A subscription that is ${answer.state} cannot be changed this way (${action}).`);
  await services.announcer.announce({
    to: [application.team],
    title: `${application.name}: ${answer.record.state}`,
    description: `The subscription to ${subscription.server} is ${answer.record.state}${reason ? `: ${reason}` : '.'}`,
    link: '/applications',
  });
  return first(await present(services, [answer.record]));
};

/** Who asked never decides, and neither does anybody else of the asking team. */
const mayDecide = async (
  { access, directory }: Services,
  viewer: Viewer,
  {
    subscription,
    application,
    action,
  }: {
    readonly subscription: SubscriptionRecord;
    readonly application: ApplicationRecord;
    readonly action: SubscriptionAction;
  },
): Promise<void> => {
  const [own] = await access.applications(viewer, subscriptionRevokePermission, [application]);
  if (action === 'revoke' && own !== undefined) return;
  const server = await directory.server(subscription.server);
  const [provider] = server === undefined ? [] : await access.servers(viewer, subscriptionApprovePermission, [server]);
  if (provider === undefined && own === undefined) throw new NotFoundError('There is no such subscription.');
  if (provider === undefined) throw new NotAllowedError('Only the group that provides the server decides this.');
  if (viewer.user === subscription.requestedBy || viewer.claims.includes(application.team))
    throw new NotAllowedError(
      'Nobody decides on a request of their own team: somebody of the provider who is not in it has to.',
    );
};

/** With names and history, in the order given. */
const present = async (
  { applications, subscriptions }: Services,
  records: readonly SubscriptionRecord[],
): Promise<readonly Subscription[]> => {
  const known = new Map((await applications.all()).map((application) => [application.id, application]));
  const histories = await subscriptions.histories(records.map(({ id }) => id));
  return records.map((record) => ({
    id: record.id,
    application: record.application,
    applicationName: known.get(record.application)?.name ?? record.application,
    team: known.get(record.application)?.team ?? '',
    server: record.server,
    plan: record.plan,
    state: record.state,
    requestedBy: record.requestedBy,
    requestedAt: new Date(record.requestedAt).toISOString(),
    ...(record.tools === undefined ? {} : { tools: record.tools }),
    ...(record.decidedBy === undefined ? {} : { decidedBy: record.decidedBy }),
    ...(record.decidedAt === undefined ? {} : { decidedAt: new Date(record.decidedAt).toISOString() }),
    ...(record.reason === undefined ? {} : { reason: record.reason }),
    ...(record.expiresAt === undefined ? {} : { expiresAt: new Date(record.expiresAt).toISOString() }),
    history: histories.get(record.id) ?? [],
  }));
};

const first = (presented: readonly Subscription[]): Subscription => {
  const [only] = presented;
  if (only === undefined) throw new NotFoundError('There is no such subscription.');
  return only;
};
