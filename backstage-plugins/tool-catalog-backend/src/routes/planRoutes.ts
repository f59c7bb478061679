import { NotFoundError } from '@backstage/errors';
import { z } from 'zod';
import {
  subscriptionApprovePermission,
  toolReadPermission,
  type Plan,
} from '@mcp-governance/backstage-plugin-tool-catalog-common';
import type { Services } from '../services';
import { route, type Route } from './route';

const listQuery = z.object({ server: z.string().max(200).optional() });

const windows = ['second', 'minute', 'hour', 'day', 'month'] as const;

const planBody = z.object({
  server: z.string().max(200),
  name: z.string().trim().min(1).max(80),
  description: z.string().max(500).default(''),
  tools: z.array(z.string().min(1).max(200)).min(1).max(1_000),
  limits: z
    .array(
      z.object({
        id: z.string().regex(/^[a-z0-9-]{1,60}$/, 'use lower-case letters, digits and hyphens'),
        window: z.enum(windows),
        limit: z.number().int().min(1),
      }),
    )
    .max(20)
    .default([]),
  requiresApproval: z.boolean().default(true),
  autoApprovedTeams: z.array(z.string().max(200)).max(100).default([]),
  status: z.enum(['active', 'deprecated', 'archived']).default('active'),
});

export const planRoutes = (services: Services): readonly Route[] => [
  route<z.infer<typeof listQuery>>({
    operationId: 'listPlans',
    method: 'get',
    path: '/plans',
    summary: 'Plans of the servers that the viewer may see',
    query: listQuery,
    handle: async ({ viewer, query }) => {
      const { access, directory, plans } = services;
      const servers = await access.servers(viewer, toolReadPermission, await directory.servers());
      const names = new Set(servers.map(({ server }) => server));
      const all = await plans.all();
      return {
        items: all.filter(
          ({ server, status }) =>
            names.has(server) && status !== 'archived' && (query.server === undefined || query.server === server),
        ),
      };
    },
  }),
  route<Record<string, never>, z.infer<typeof planBody>>({
    operationId: 'putPlan',
    method: 'put',
    path: '/plans/:id',
    summary: 'Creates or changes a plan, as the group that provides the server',
    body: planBody,
    handle: async ({ viewer, path: { id = '' }, body }) => {
      const { access, directory, plans, now } = services;
      const server = await access.onServer(viewer, subscriptionApprovePermission, await directory.server(body.server));
      const present = await plans.find(id);
      // A plan of another server is not this provider's to take over.
      if (present !== undefined && present.server !== server.server) throw new NotFoundError(`There is no plan ${id}.`);
      const plan: Plan = { id, ...body };
      await plans.put(plan, now());
      return plan;
    },
  }),
];
