import { coreServices, createBackendModule } from '@backstage/backend-plugin-api';
import { authProvidersExtensionPoint, createProxyAuthProviderFactory } from '@backstage/plugin-auth-node';
import { createDemoAuthenticator } from './createDemoAuthenticator';
import { readDemoSignIn } from './readDemoSignIn';
import { signInDemoPerson } from './signInDemoPerson';

/** The auth provider `demo`: whoever is named in the header `x-demo-user`, if the configuration lists that person. */
export const demoSignInModule = createBackendModule({
  pluginId: 'auth',
  moduleId: 'demo-sign-in',
  register(env) {
    env.registerInit({
      deps: {
        config: coreServices.rootConfig,
        logger: coreServices.logger,
        providers: authProvidersExtensionPoint,
      },
      async init({ config, logger, providers }) {
        const settings = readDemoSignIn(config, process.env.NODE_ENV);
        if (settings === undefined) return;
        logger.warn('The demo sign-in is on: whoever reaches this portal can be anybody. Not for production.');
        providers.registerProvider({
          providerId: 'demo',
          factory: createProxyAuthProviderFactory({
            authenticator: createDemoAuthenticator(settings.people),
            signInResolver: signInDemoPerson,
          }),
        });
      },
    });
  },
});
