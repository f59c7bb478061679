import { ConflictError, InputError, NotAllowedError } from '@backstage/errors';
import { z } from 'zod';
import {
  applicationCreatePermission,
  applicationReadPermission,
  type Application,
} from '@mcp-governance/backstage-plugin-tool-catalog-common';
import type { ApplicationRecord } from '../database/ApplicationStore';
import type { Services } from '../services';
import { route, type Route } from './route';

const newApplication = z.object({
  /** Part of Kong's username and of tags: lower case, short, without surprises. */
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,39}$/, 'use 2 to 40 lower-case letters, digits and hyphens, and begin with a letter'),
  name: z.string().trim().min(1, 'give the application a name').max(80),
  team: z.string().max(200),
});

export const applicationRoutes = (services: Services): readonly Route[] => [
  route({
    operationId: 'listApplications',
    method: 'get',
    path: '/applications',
    summary: "Applications of the viewer's teams",
    handle: async ({ viewer }) => {
      const all = await services.applications.ofTeams(viewer.claims);
      return { items: (await services.access.applications(viewer, applicationReadPermission, all)).map(toApplication) };
    },
  }),
  route<Record<string, never>, z.infer<typeof newApplication>>({
    operationId: 'createApplication',
    method: 'post',
    path: '/applications',
    summary: "A new application of one of the viewer's teams",
    body: newApplication,
    status: 201,
    handle: async ({ viewer, body }) => {
      if (!(await services.access.may(viewer, applicationCreatePermission)))
        throw new NotAllowedError('Your organisation does not let you create applications.');
      // A team is a group: a person alone owns no application, which would leave with them.
      if (!viewer.claims.includes(body.team) || !body.team.startsWith('group:'))
        throw new InputError(`team: ${body.team} is none of your teams.`);
      const tenant = await services.teams.tenantOf(body.team);
      if (tenant === undefined)
        throw new InputError(
          `team: ${body.team} belongs to no tenant. Ask the platform team to annotate the group with mcp-governance/tenant.`,
        );
      const application: ApplicationRecord = {
        ...body,
        tenant,
        consumer: `app-${body.id}`,
        createdBy: viewer.user,
        createdAt: services.now(),
      };
      if (!(await services.applications.add(application)))
        throw new ConflictError(`id: ${body.id} is taken: choose another.`);
      return toApplication(application);
    },
  }),
];

export const toApplication = ({ id, name, team, tenant, createdAt, createdBy }: ApplicationRecord): Application => ({
  id,
  name,
  team,
  tenant,
  createdBy,
  createdAt: new Date(createdAt).toISOString(),
});
