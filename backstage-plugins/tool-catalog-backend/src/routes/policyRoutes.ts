import { AuthenticationError } from '@backstage/errors';
import type { Services } from '../services';
import { route, type Route } from './route';

/** The policy for gateways. It is signed and holds no secrets, but tells who uses what: a gateway shows the shared token. */
export const policyRoutes = ({ policy }: Services): readonly Route[] => [
  route({
    operationId: 'getPolicy',
    method: 'get',
    path: '/policy',
    summary: "The gateway's policy snapshot (docs/policy.md), with ETag and signature",
    isForMachines: true,
    produces: 'application/json',
    handle: async ({ request, response }) => {
      if (!policy.isGateway(request.header('authorization')))
        throw new AuthenticationError('Show toolCatalog.policy.token as "Authorization: Bearer <token>".');
      const { body, etag, signature } = await policy.signed();
      response.set({ etag, 'x-policy-signature': signature, 'cache-control': 'no-cache' });
      if (request.header('if-none-match') === etag) response.status(304).end();
      else response.type('application/json').send(body);
      return undefined;
    },
  }),
];
