import { mockServices, startTestBackend, TestDatabases } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import authPlugin from '@backstage/plugin-auth-backend';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import request from 'supertest';
import { demoSignInModule } from './demoSignInModule';

const user = (name: string, group: string): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'User',
  metadata: { name },
  spec: { profile: { displayName: `The ${name}` }, memberOf: [group] },
  relations: [{ type: 'memberOf', targetRef: `group:default/${group}` }],
});

describe('the auth provider of the demo', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

  const start = async () =>
    startTestBackend({
      features: [
        authPlugin,
        demoSignInModule,
        catalogServiceMock.factory({ entities: [user('dev-anna', 'team-support'), user('hidden', 'finance')] }),
        mockServices.database.factory({ knex: await databases.init('POSTGRES_18') }),
        mockServices.rootConfig.factory({
          data: {
            app: { baseUrl: 'http://localhost' },
            auth: { providers: { demo: { dangerouslyAllowOutsideDevelopment: true } } },
            demoSignIn: {
              people: [
                { name: 'dev-anna', title: '', description: '' },
                { name: 'not-in-catalog', title: '', description: '' },
              ],
            },
          },
        }),
      ],
    });

  const signIn = async (name: string | undefined) => {
    const { server } = await start();
    const asked = request(server).get('/api/auth/demo/refresh');
    return name === undefined ? asked : asked.set('x-demo-user', name);
  };

  it('runs on PostgreSQL here', () => {
    expect(databases.eachSupportedId()).toEqual([['POSTGRES_18']]);
  });

  it('gives a person the groups that the catalog knows', async () => {
    const { status, body } = await signIn('dev-anna');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      profile: { displayName: 'The dev-anna' },
      backstageIdentity: {
        identity: {
          userEntityRef: 'user:default/dev-anna',
          ownershipEntityRefs: ['user:default/dev-anna', 'group:default/team-support'],
        },
      },
    });
  });

  it.each([
    ['a user of the catalog who is not one of the people', 'hidden', 401],
    ['nobody', undefined, 401],
    ['a person whom the catalog does not know', 'not-in-catalog', 404],
  ])('refuses %s', async (_who, name, status) => {
    const answer = await signIn(name);
    expect(answer.status).toBe(status);
    expect(answer.body.backstageIdentity).toBeUndefined();
  });
});
