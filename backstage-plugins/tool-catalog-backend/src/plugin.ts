import { coreServices, createBackendPlugin, resolvePackagePath } from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import { toolCatalogPermissions } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { createServices } from './createServices';
import { applicationResourceRef, serverResourceRef } from './permissions/resources';
import { applicationRules, serverRules } from './permissions/rules';
import { readConfig } from './readConfig';
import { allRoutes } from './routes/allRoutes';
import { createRouter } from './routes/createRouter';
import { sweep } from './sweep';

const MIGRATIONS = resolvePackagePath('@mcp-governance/backstage-plugin-tool-catalog-backend', 'migrations');

/** How often keys and subscriptions whose time is over are taken away. */
const SWEEP_SECONDS = 30;

/**
 * Subscriptions, plans, approvals, applications and API keys for MCP tools and REST APIs behind Kong, and the signed policy that
 * carries them to the gateway.
 *
 * @public
 */
export const toolCatalogPlugin = createBackendPlugin({
  pluginId: 'tool-catalog',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        logger: coreServices.logger,
        notifications: notificationService,
        permissions: coreServices.permissions,
        registry: coreServices.permissionsRegistry,
        scheduler: coreServices.scheduler,
        signals: signalsServiceRef,
        userInfo: coreServices.userInfo,
      },
      async init({ config, database, httpAuth, httpRouter, registry, scheduler, userInfo, ...rest }) {
        const knex = await database.getClient();
        if (!database.migrations?.skip) await knex.migrate.latest({ directory: MIGRATIONS });
        const settings = readConfig(config);
        registry.addPermissions(toolCatalogPermissions);
        registry.addResourceType({ resourceRef: serverResourceRef, rules: Object.values(serverRules) });
        registry.addResourceType({ resourceRef: applicationResourceRef, rules: Object.values(applicationRules) });
        const services = createServices({ ...rest, knex, registry, settings, now: Date.now });
        await services.plans.seed(settings.plans, services.now());
        httpRouter.use(createRouter({ routes: allRoutes(services), httpAuth, userInfo }));
        // A gateway is no user of Backstage: the route checks its token itself.
        httpRouter.addAuthPolicy({ path: '/policy', allow: 'unauthenticated' });
        await scheduler.scheduleTask({
          id: 'tool-catalog-sweep',
          frequency: { seconds: SWEEP_SECONDS },
          timeout: { minutes: 1 },
          fn: () => sweep(services),
        });
      },
    });
  },
});
