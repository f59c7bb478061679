import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServiceFactory, coreServices } from '@backstage/backend-plugin-api';
import { mockCredentials, mockServices, startTestBackend } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import type { Knex } from 'knex';
import request from 'supertest';
import { KongDouble } from '../kong/testing/kongDouble';
import { toolCatalogPlugin } from '../plugin';
import { entities, teamsOf } from './organization';

export const POLICY_SECRET = 'test-policy-secret-0123456789-0123456789';
export const POLICY_TOKEN = 'test-policy-token-0123456789-0123456789';

export interface CatalogBackend {
  readonly kong: KongDouble;
  /** A client that is signed in as the person; `undefined` is nobody. */
  as(person: string | undefined): Person;
  stop(): Promise<void>;
}

export interface Person {
  get(path: string): request.Test;
  post(path: string, body?: object, code?: string): request.Test;
  put(path: string, body: object): request.Test;
}

export interface CatalogBackendOptions {
  readonly knex: Knex;
  readonly extraEntities?: readonly Entity[];
  /** The management API of a gateway node. */
  readonly management?: { readonly url: string; readonly token: string };
  readonly billing?: { readonly url: string; readonly token: string };
  readonly policyBase?: object;
}

/** The plugin with a real database, a double of Kong's Admin API, and the demo's people. */
export const startCatalogBackend = async (options: CatalogBackendOptions): Promise<CatalogBackend> => {
  const kong = new KongDouble({ 'acme-support': { tags: ['tenant:acme'], keys: ['test-key-acme-support'] } });
  const admin: Server = createServer((incoming, outgoing) => kong.handle(incoming, outgoing));
  await new Promise<void>((resolve) => admin.listen(0, '127.0.0.1', resolve));
  const adminUrl = `http://127.0.0.1:${(admin.address() as AddressInfo).port}`;
  const backend = await startTestBackend({
    features: [
      toolCatalogPlugin,
      catalogServiceMock.factory({ entities: [...entities, ...(options.extraEntities ?? [])] }),
      mockServices.rootConfig.factory({ data: configuration(options, adminUrl) }),
      createServiceFactory({
        service: coreServices.database,
        deps: {},
        factory: () => ({ getClient: async () => options.knex }),
      }),
      createServiceFactory({
        service: coreServices.userInfo,
        deps: {},
        factory: () => ({
          getUserInfo: async (credentials) => {
            const { userEntityRef } = credentials.principal as { readonly userEntityRef: string };
            return { userEntityRef, ownershipEntityRefs: [userEntityRef, ...teamsOf(userEntityRef)] };
          },
        }),
      }),
    ],
  });
  const as = (person: string | undefined): Person => {
    const signed = (test: request.Test): request.Test =>
      person === undefined
        ? test.set('authorization', mockCredentials.none.header())
        : test.set('authorization', mockCredentials.user.header(`user:default/${person}`));
    const at = (path_: string): string => `/api/tool-catalog${path_}`;
    return {
      get: (place) => signed(request(backend.server).get(at(place))),
      post: (place, body = {}, code) => {
        const test = signed(request(backend.server).post(at(place)));
        return (code === undefined ? test : test.set('x-second-factor', code)).send(body);
      },
      put: (place, body) => signed(request(backend.server).put(at(place))).send(body),
    };
  };
  return {
    kong,
    as,
    stop: async () => {
      await backend.stop();
      admin.closeAllConnections();
      await new Promise((resolve) => admin.close(resolve));
    },
  };
};

const configuration = ({ billing, management, policyBase }: CatalogBackendOptions, adminUrl: string) => {
  const baseFile = path.join(mkdtempSync(path.join(tmpdir(), 'policy-')), 'base.json');
  writeFileSync(baseFile, JSON.stringify(policyBase ?? { version: 1 }));
  return {
    toolCatalog: {
      encryptionKeys: ['test-encryption-key-0123456789-0123456789'],
      kong: { adminUrls: [adminUrl] },
      policy: { hmacSecret: POLICY_SECRET, token: POLICY_TOKEN, baseFile },
      ...(billing === undefined ? {} : { billing }),
      ...(management === undefined
        ? {}
        : { gateway: { managementUrls: [management.url], managementToken: management.token } }),
      roles: { finance: ['group:default/finance'], administrators: ['group:default/platform'] },
      plans: [
        { id: 'starter', server: 'orders', name: 'Starter', tools: ['search_*', 'generate_report'] },
        { id: 'free', server: 'commerce', name: 'Free', tools: ['listProducts'], requiresApproval: false },
        { id: 'inner', server: 'secret', name: 'Inner', tools: ['*'] },
      ],
    },
  };
};
