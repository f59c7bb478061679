import { NotFoundError } from '@backstage/errors';
import { z } from 'zod';
import { pinApprovePermission, pinReadPermission } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { asked } from '../gateway/asked';
import type { Services } from '../services';
import { route, type Route } from './route';

const approval = z.object({
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'the hash of the definition that was looked at'),
});

export const pinRoutes = (services: Services): readonly Route[] => [
  route({
    operationId: 'listPins',
    method: 'get',
    path: '/pins',
    summary: "Definitions of the tools that the viewer's groups provide: new, approved, changed, withdrawn",
    handle: async ({ viewer }) => {
      const { access, directory, management } = services;
      const servers = await access.servers(viewer, pinReadPermission, await directory.servers());
      const names = new Set(servers.map(({ server }) => server));
      const all = await asked(() => management.tools());
      return { items: all.filter(({ server }) => names.has(server)) };
    },
  }),
  route({
    operationId: 'getPin',
    method: 'get',
    path: '/pins/:server/:tool',
    summary: 'A tool with the definition that was approved, the current one, and what differs',
    handle: async ({ viewer, path: { server = '', tool = '' } }) => {
      const { access, directory, management } = services;
      const found = await access.onServer(viewer, pinReadPermission, await directory.server(server));
      const pin = await asked(() => management.tool(found.server, tool));
      if (pin === undefined) throw new NotFoundError(`No list has shown the tool ${tool} of ${found.title}.`);
      return pin;
    },
  }),
  route<Record<string, never>, z.infer<typeof approval>>({
    operationId: 'approvePin',
    method: 'post',
    path: '/pins/:server/:tool/approve',
    summary: 'Approves the definition with this hash, on every gateway node',
    body: approval,
    handle: async ({ viewer, path: { server = '', tool = '' }, body }) => {
      const { access, directory, management, logger } = services;
      const found = await access.onServer(viewer, pinApprovePermission, await directory.server(server));
      const approved = await asked(() => management.approve(found.server, tool, body.hash));
      logger.info('tool approved', { server: found.server, tool, hash: body.hash, actor: viewer.user });
      return approved;
    },
  }),
];
