import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import { z } from 'zod';
import {
  keyManagePermission,
  keyReadPermission,
  type ApiKey,
  type CreatedKey,
} from '@mcp-governance/backstage-plugin-tool-catalog-common';
import type { ApplicationRecord } from '../database/ApplicationStore';
import type { StoredKey } from '../database/KeyStore';
import { keyState, MAX_OVERLAP_HOURS, MAX_USABLE_KEYS } from '../keys/keyLife';
import type { IssuedKey, KeyRefusal } from '../keys/KeyService';
import type { Viewer } from '../permissions/Access';
import type { Services } from '../services';
import { requireSecondFactor } from './requireSecondFactor';
import { route, type Route, type RouteContext } from './route';

const newKey = z.object({
  name: z.string().trim().min(1, 'say what the key is for').max(80),
  expiresInDays: z.number().int().min(1).max(730).optional(),
});

const rotation = z.object({ overlapHours: z.number().min(0).max(MAX_OVERLAP_HOURS).default(24) });

const DAY_MS = 86_400_000;

export const keyRoutes = (services: Services): readonly Route[] => [
  route({
    operationId: 'listKeys',
    method: 'get',
    path: '/applications/:application/keys',
    summary: 'Keys of an application: prefixes and states, never the keys',
    handle: async ({ viewer, path: { application = '' } }) => {
      const found = await services.access.onApplication(
        viewer,
        keyReadPermission,
        await services.applications.find(application),
      );
      const keys = await services.keyStore.ofApplications([found.id]);
      return { items: keys.map((key) => toApiKey(key, services.now())) };
    },
  }),
  route<Record<string, never>, z.infer<typeof newKey>>({
    operationId: 'createKey',
    method: 'post',
    path: '/applications/:application/keys',
    summary: 'A new key; this answer is the only one that holds it',
    body: newKey,
    needsSecondFactor: true,
    status: 201,
    handle: async (context) => {
      const { viewer, path, body } = context;
      const application = await manageable(services, viewer, path.application);
      await requireSecondFactor(services, context);
      const expiresAt =
        body.expiresInDays === undefined ? {} : { expiresAt: services.now() + body.expiresInDays * DAY_MS };
      return created(
        services,
        await services.keys.create(application, { name: body.name, actor: viewer.user, ...expiresAt }),
      );
    },
  }),
  route<Record<string, never>, z.infer<typeof rotation>>({
    operationId: 'rotateKey',
    method: 'post',
    path: '/keys/:id/rotate',
    summary: 'A new key beside the old one, which works until the overlap ends or it is cut off',
    body: rotation,
    needsSecondFactor: true,
    status: 201,
    handle: async (context) => {
      const { application, key } = await manageableKey(services, context);
      await requireSecondFactor(services, context);
      const { overlapHours } = context.body;
      return created(
        services,
        await services.keys.rotate(application, key, { actor: context.viewer.user, overlapHours }),
      );
    },
  }),
  ...endingRoutes(services),
];

const endingRoutes = (services: Services): readonly Route[] =>
  (['revoke', 'cut-off'] as const).map((action) =>
    route({
      operationId: action === 'revoke' ? 'revokeKey' : 'cutOffKey',
      method: 'post',
      path: `/keys/:id/${action}`,
      summary:
        action === 'revoke'
          ? 'Ends a key: the next request with it is refused'
          : 'Ends a replaced key before its overlap is over',
      needsSecondFactor: true,
      handle: async (context) => {
        const { application, key } = await manageableKey(services, context);
        await requireSecondFactor(services, context);
        if (action === 'cut-off' && keyState(key, services.now()) !== 'overlap')
          throw new ConflictError('Only a key that was replaced and still works can be cut off.');
        await services.keys.revoke(application, key, context.viewer.user);
        const after = await services.keyStore.find(key.id);
        return after === undefined ? {} : toApiKey(after, services.now());
      },
    }),
  );

const manageable = async (
  { access, applications }: Services,
  viewer: Viewer,
  id: string | undefined,
): Promise<ApplicationRecord> => access.onApplication(viewer, keyManagePermission, await applications.find(id ?? ''));

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A key of another team does not exist. */
const manageableKey = async (
  services: Services,
  { viewer, path: { id = '' } }: Pick<RouteContext<unknown, unknown>, 'viewer' | 'path'>,
): Promise<{ readonly application: ApplicationRecord; readonly key: StoredKey }> => {
  const key = UUID.test(id) ? await services.keyStore.find(id) : undefined;
  if (key === undefined) throw new NotFoundError('There is no such key.');
  try {
    return { key, application: await manageable(services, viewer, key.application) };
  } catch (error) {
    throw error instanceof NotFoundError ? new NotFoundError('There is no such key.') : error;
  }
};

const refusals: Readonly<Record<KeyRefusal, () => Error>> = {
  too_many_keys: () =>
    new ConflictError(`An application has at most ${MAX_USABLE_KEYS} keys that work: revoke one that nobody needs.`),
  not_usable: () => new InputError('A key that was replaced, expired or revoked cannot be rotated: create a new one.'),
};

const created = (services: Services, issued: IssuedKey | KeyRefusal): CreatedKey => {
  if (typeof issued === 'string') throw refusals[issued]();
  return { key: toApiKey(issued.key, services.now()), secret: issued.secret };
};

const toApiKey = (key: StoredKey, now: number): ApiKey => ({
  id: key.id,
  application: key.application,
  name: key.name,
  prefix: key.prefix,
  state: keyState(key, now),
  createdAt: new Date(key.createdAt).toISOString(),
  createdBy: key.createdBy,
  ...(key.expiresAt === undefined ? {} : { expiresAt: new Date(key.expiresAt).toISOString() }),
  sync: {
    state: key.sync.state,
    ...(key.sync.error === undefined ? {} : { error: key.sync.error }),
    ...(key.sync.at === undefined ? {} : { at: new Date(key.sync.at).toISOString() }),
  },
});
