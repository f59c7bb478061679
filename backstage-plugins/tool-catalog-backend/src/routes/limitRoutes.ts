import { z } from 'zod';
import { toolReadPermission, usageReadPermission } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { asked } from '../gateway/asked';
import type { Services } from '../services';
import { route, type Route } from './route';

const limitsQuery = z.object({
  application: z.string().max(40),
  server: z.string().max(200),
  tool: z.string().min(1).max(256),
});

export const limitRoutes = (services: Services): readonly Route[] => [
  route<z.infer<typeof limitsQuery>>({
    operationId: 'getLimitsLeft',
    method: 'get',
    path: '/limits',
    summary: "What each limit has left for one of the viewer's applications and a tool; counts nothing",
    query: limitsQuery,
    handle: async ({ viewer, query }) => {
      const { access, applications, callerOf, directory, management } = services;
      const found = await applications.find(query.application);
      const application = await access.onApplication(viewer, usageReadPermission, found);
      const { server } = await access.onServer(viewer, toolReadPermission, await directory.server(query.server));
      const caller = await callerOf(application);
      return { items: await asked(() => management.limitsLeft({ server, tool: query.tool, caller })) };
    },
  }),
];
