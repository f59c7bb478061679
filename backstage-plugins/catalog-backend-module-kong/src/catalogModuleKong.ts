import { coreServices, createBackendModule } from '@backstage/backend-plugin-api';
import { catalogProcessingExtensionPoint, catalogServiceRef } from '@backstage/plugin-catalog-node';
import { readKongProviders } from './config/readKongProviders';
import { KongEntityProvider } from './provider/KongEntityProvider';
import { kongRelationsProcessor } from './provider/kongRelationsProcessor';

/** Kong's services as catalog entities: one provider for each Kong in `catalog.providers.kong`. */
export const catalogModuleKong = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'kong',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        logger: coreServices.logger,
        processing: catalogProcessingExtensionPoint,
        scheduler: coreServices.scheduler,
      },
      async init({ auth, catalog, config, logger, processing, scheduler }) {
        processing.addProcessor(kongRelationsProcessor);
        for (const settings of readKongProviders(config))
          processing.addEntityProvider(
            new KongEntityProvider({
              settings,
              logger,
              taskRunner: scheduler.createScheduledTaskRunner(settings.schedule),
              findEntity: async (ref) =>
                catalog.getEntityByRef(ref, { credentials: await auth.getOwnServiceCredentials() }),
            }),
          );
      },
    });
  },
});
