import { NotAllowedError } from '@backstage/errors';
import { diffKong, type KongDiff } from '../kong/kongChanges';
import { isUsable } from '../keys/keyLife';
import { wantedConsumer } from '../keys/wantedConsumer';
import type { Viewer } from '../permissions/Access';
import type { Services } from '../services';
import { tryKeyId } from '../tryIt/TryKeys';
import { route, type Route } from './route';

export const syncRoutes = (services: Services): readonly Route[] => [
  route({
    operationId: 'getSyncDiff',
    method: 'get',
    path: '/sync',
    summary: 'A dry run: what separates Kong from the portal, of entities with our tag',
    handle: async ({ viewer }) => {
      await requireAdministrator(services, viewer);
      return differences(services);
    },
  }),
  route({
    operationId: 'applySyncDiff',
    method: 'post',
    path: '/sync',
    summary: 'Brings Kong in line with the portal; keys that Kong lost have to be rotated',
    handle: async ({ viewer }) => {
      await requireAdministrator(services, viewer);
      const { changes } = await differences(services);
      await services.kong.apply(changes);
      services.logger.info('Kong was brought in line', { actor: viewer.user, changes: changes.length });
      return differences(services);
    },
  }),
];

const requireAdministrator = async ({ access }: Services, viewer: Viewer): Promise<void> => {
  if (!(await access.hasRole(viewer, 'administrators')))
    throw new NotAllowedError(
      'Only administrators of the tool catalog may do this (toolCatalog.roles.administrators).',
    );
};

const differences = async ({ applications, keyStore, kong, now }: Services): Promise<KongDiff> => {
  const all = await applications.all();
  const keys = (await keyStore.all()).filter((key) => isUsable(key, now()));
  const wanted = all.map((application) => ({
    ...wantedConsumer(application),
    keyIds: [
      ...keys.filter((key) => key.application === application.id).map(({ id }) => id),
      ...(application.sealedTryKey === undefined ? [] : [tryKeyId(application.id)]),
    ],
  }));
  return diffKong(wanted, await kong.managed());
};
