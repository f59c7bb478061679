import { coreServices, createBackendPlugin } from '@backstage/backend-plugin-api';
import { createRouter } from './createRouter';

/** Subscriptions, plans, approvals, applications and API keys. */
export const toolCatalogPlugin = createBackendPlugin({
  pluginId: 'tool-catalog',
  register(env) {
    env.registerInit({
      deps: {
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        userInfo: coreServices.userInfo,
      },
      async init({ httpAuth, httpRouter, userInfo }) {
        httpRouter.use(createRouter({ httpAuth, userInfo }));
      },
    });
  },
});
