import { subscriptionApprovePermission, type ViewerInfo } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import type { Role, Viewer } from '../permissions/Access';
import type { Services } from '../services';
import { route, type Route } from './route';

const roles: readonly Role[] = ['finance', 'auditors', 'administrators'];

export const viewerRoutes = (services: Services): readonly Route[] => [
  route({
    operationId: 'getViewer',
    method: 'get',
    path: '/viewer',
    summary: 'Who asks, their teams that have a tenant, their roles, and the servers that they provide',
    handle: async ({ viewer }): Promise<ViewerInfo> => ({
      user: viewer.user,
      teams: await teamsOf(services, viewer),
      roles: await rolesOf(services, viewer),
      provides: (
        await services.access.servers(viewer, subscriptionApprovePermission, await services.directory.servers())
      ).map(({ server }) => server),
    }),
  }),
];

/** A team without tenant can own no application. */
const teamsOf = async ({ teams }: Services, { claims }: Viewer): Promise<ViewerInfo['teams']> => {
  const groups = claims.filter((ref) => ref.startsWith('group:'));
  const found = await Promise.all(groups.map(async (team) => ({ team, tenant: await teams.tenantOf(team) })));
  return found.flatMap(({ team, tenant }) => (tenant === undefined ? [] : [{ team, tenant }]));
};

const rolesOf = async ({ access }: Services, viewer: Viewer): Promise<readonly Role[]> => {
  const held = await Promise.all(roles.map((role) => access.hasRole(viewer, role)));
  return roles.filter((_, index) => held[index]);
};
