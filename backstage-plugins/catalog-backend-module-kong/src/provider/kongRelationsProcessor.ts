import { getCompoundEntityRef, type Entity } from '@backstage/catalog-model';
import { processingResult, type CatalogProcessor } from '@backstage/plugin-catalog-node';
import { annotations } from '../annotations';
import { gatewayName } from '../entities/toGatewayEntity';

/**
 * APIs behind Kong depend on it. Backstage's model has `dependsOn` between components and resources only, so the pair is
 * given here; nothing is fetched.
 */
export const kongRelationsProcessor: CatalogProcessor = {
  getProcessorName: () => 'KongRelationsProcessor',
  async postProcessEntity(entity: Entity, _location, emit): Promise<Entity> {
    const instance = entity.metadata.annotations?.[annotations.instance];
    if (entity.kind !== 'API' || instance === undefined) return entity;
    const api = getCompoundEntityRef(entity);
    const gateway = { kind: 'Resource', namespace: api.namespace, name: gatewayName(instance) };
    emit(processingResult.relation({ source: api, type: 'dependsOn', target: gateway }));
    emit(processingResult.relation({ source: gateway, type: 'dependencyOf', target: api }));
    return entity;
  },
};
