import { AuthenticationError } from '@backstage/errors';
import { createProxyAuthenticator } from '@backstage/plugin-auth-node';

export interface DemoResult {
  /** Name of the User entity. */
  readonly name: string;
}

export const DEMO_USER_HEADER = 'x-demo-user';

/** Accepts the people of the configuration and nobody else. */
export const createDemoAuthenticator = (people: readonly string[]) =>
  createProxyAuthenticator<undefined, DemoResult, undefined>({
    defaultProfileTransform: async ({ name }, context) => {
      const { entity } = await context.findCatalogUser({ entityRef: { name } });
      return { profile: (entity.spec?.profile ?? {}) as { displayName?: string; email?: string } };
    },
    initialize: () => undefined,
    authenticate: async ({ req }) => {
      const name = req.header(DEMO_USER_HEADER);
      if (name === undefined || !people.includes(name))
        throw new AuthenticationError(`Send one of the demo's people as ${DEMO_USER_HEADER}: ${people.join(', ')}.`);
      return { result: { name } };
    },
  });
