import { createHmac } from 'node:crypto';
import { TestDatabases } from '@backstage/backend-test-utils';
import { TOTP } from 'otpauth';
import { POLICY_SECRET, POLICY_TOKEN, startCatalogBackend, type CatalogBackend } from './testing/startCatalogBackend';

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const hasPostgres = databases.supports('POSTGRES_18');

/** The code of an authenticator `steps` periods from now. */
const codeOf = (secret: string, steps = 0): string =>
  new TOTP({ secret }).generate({ timestamp: Date.now() + steps * 30_000 });

describe.skipIf(!hasPostgres)('the tool catalog (needs PostgreSQL: setup/test.mjs starts one)', () => {
  let backend: CatalogBackend;
  beforeEach(async () => {
    backend = await startCatalogBackend({ knex: await databases.init('POSTGRES_18') });
  });
  afterEach(() => backend.stop());

  const createApplication = (person = 'anna', team = 'team-support', id = 'helpdesk') =>
    backend.as(person).post('/applications', { id, name: 'Help desk', team: `group:default/${team}` });

  const subscribe = async (person = 'anna', application = 'helpdesk'): Promise<string> => {
    const answer = await backend.as(person).post('/subscriptions', { application, server: 'orders', plan: 'starter' });
    expect(answer.status).toBe(201);
    return (answer.body as { readonly id: string }).id;
  };

  const enrol = async (
    person = 'anna',
  ): Promise<{ readonly secret: string; readonly recoveryCodes: readonly string[] }> => {
    const { body } = await backend.as(person).post('/second-factor/enrol');
    const { secret, recoveryCodes } = body as { readonly secret: string; readonly recoveryCodes: readonly string[] };
    const confirmed = await backend.as(person).post('/second-factor/confirm', { code: codeOf(secret, -1) });
    expect(confirmed.status).toBe(200);
    return { secret, recoveryCodes };
  };

  describe('applications', () => {
    it("belong to one of the person's teams, and take its tenant from the catalog, whatever the request says", async () => {
      const answer = await backend.as('anna').post('/applications', {
        ...{ id: 'helpdesk', name: 'Help desk', team: 'group:default/team-support', tenant: 'globex' },
      });
      expect(answer.status).toBe(201);
      expect(answer.body).toMatchObject({ id: 'helpdesk', tenant: 'acme', createdBy: 'user:default/anna' });
    });

    it.each([
      ['another team', { team: 'group:default/team-agents' }, /team-agents is none of your teams/],
      ['a person in place of a team', { team: 'user:default/anna' }, /is none of your teams/],
      ['an id that Kong could not take', { id: 'Help Desk' }, /body\.id: use 2 to 40 lower-case letters/],
      ['no name', { name: ' ' }, /body\.name: give the application a name/],
    ])('are refused for %s, and the answer names the field', async (_, change, message) => {
      const answer = await backend.as('anna').post('/applications', {
        ...{ id: 'helpdesk', name: 'Help desk', team: 'group:default/team-support' },
        ...change,
      });
      expect(answer.status).toBe(400);
      expect((answer.body as { error: { message: string } }).error.message).toMatch(message);
    });

    it('of a team without tenant say whom to ask', async () => {
      const answer = await createApplication('otto', 'team-orders');
      expect(answer.status).toBe(400);
      expect(answer.text).toContain('belongs to no tenant. Ask the platform team');
    });

    it('have ids that are taken once', async () => {
      await createApplication();
      expect((await createApplication('gwen', 'team-agents')).status).toBe(409);
    });
  });

  describe('subscriptions', () => {
    it('wait for the provider, who approves; the application is then in the policy', async () => {
      await createApplication();
      const id = await subscribe();
      expect((await backend.as('otto').get('/subscriptions?role=provider')).body.items).toMatchObject([
        { id, state: 'pending', application: 'helpdesk', team: 'group:default/team-support' },
      ]);
      const approved = await backend.as('otto').post(`/subscriptions/${id}/approve`, { reason: 'welcome' });
      expect(approved.body).toMatchObject({ state: 'active', decidedBy: 'user:default/otto', reason: 'welcome' });
      expect(approved.body.history.map(({ action }: { action: string }) => action)).toEqual(['request', 'approve']);
      const policy = await backend.as(undefined).get('/policy').set('authorization', `Bearer ${POLICY_TOKEN}`);
      expect(JSON.parse(policy.text)).toMatchObject({
        subscriptions: [{ application: 'helpdesk', server: 'orders', plan: 'starter', state: 'active' }],
        applications: [{ id: 'helpdesk', tenant: 'acme', match: { consumers: ['app-helpdesk'] } }],
      });
    });

    it('are active at once where the plan asks for no approval', async () => {
      await createApplication();
      const wanted = { application: 'helpdesk', server: 'commerce', plan: 'free' };
      expect((await backend.as('anna').post('/subscriptions', wanted)).body).toMatchObject({ state: 'active' });
    });

    it.each(['anna', 'both'])('are never approved by somebody of the asking team (%s)', async (person) => {
      await createApplication();
      const id = await subscribe();
      const answer = await backend.as(person).post(`/subscriptions/${id}/approve`);
      expect(answer.status).toBe(403);
      expect((await backend.as('anna').get('/subscriptions')).body.items).toMatchObject([{ state: 'pending' }]);
    });

    it.each(['gwen', 'fiona', 'sara', 'pia'])(
      'do not exist for %s, who has nothing to do with them',
      async (person) => {
        await createApplication();
        const id = await subscribe();
        for (const action of ['approve', 'reject', 'suspend', 'resume', 'revoke'])
          expect((await backend.as(person).post(`/subscriptions/${id}/${action}`)).status).toBe(404);
      },
    );

    it('are one per application and server, also when asked for twice at once, and a suspension cannot be escaped', async () => {
      await createApplication();
      const wanted = { application: 'helpdesk', server: 'orders', plan: 'starter' };
      const answers = await Promise.all([1, 2, 3].map(() => backend.as('anna').post('/subscriptions', wanted)));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
      const { id } = answers.find(({ status }) => status === 201)?.body as { id: string };
      await backend.as('otto').post(`/subscriptions/${id}/approve`);
      await backend.as('otto').post(`/subscriptions/${id}/suspend`, { reason: 'runaway agent' });
      expect((await backend.as('anna').post('/subscriptions', wanted)).status).toBe(409);
      await backend.as('anna').post(`/subscriptions/${id}/revoke`);
      expect((await backend.as('anna').post('/subscriptions', wanted)).status).toBe(201);
    });

    it('that ended cannot be changed, and the answer says its state', async () => {
      await createApplication();
      const id = await subscribe();
      await backend.as('otto').post(`/subscriptions/${id}/reject`);
      const answer = await backend.as('otto').post(`/subscriptions/${id}/approve`);
      expect(answer.status).toBe(409);
      expect(answer.text).toContain('A subscription that is rejected cannot be changed');
    });

    it.each([
      ['an unknown plan', { plan: 'gold' }, /offers no plan gold/],
      ['a plan of another server', { plan: 'free' }, /offers no plan free/],
      ['a tool that the plan has not', { tools: ['delete_order'] }, /does not include delete_order/],
    ])('are refused for %s', async (_, change, message) => {
      await createApplication();
      const wanted = { application: 'helpdesk', server: 'orders', plan: 'starter', ...change };
      const answer = await backend.as('anna').post('/subscriptions', wanted);
      expect(answer.status).toBe(400);
      expect(answer.text).toMatch(message);
    });
  });

  describe('keys', () => {
    it('are shown once, reach Kong, and leave no trace of themselves in lists', async () => {
      await createApplication();
      const { secret } = await enrol();
      const made = await backend.as('anna').post('/applications/helpdesk/keys', { name: 'ci' }, codeOf(secret));
      expect(made.status).toBe(201);
      const key = (made.body as { secret: string }).secret;
      expect(key).toMatch(/^mk_[\w-]{43}$/);
      expect(backend.kong.keys()['app-helpdesk']).toEqual([key]);
      const listed = await backend.as('anna').get('/applications/helpdesk/keys');
      expect(listed.body.items).toMatchObject([{ name: 'ci', prefix: key.slice(0, 8), state: 'active' }]);
      expect(listed.text).not.toContain(key);
    });

    it('need a fresh code: none, a wrong one and a used one are refused in plain words', async () => {
      await createApplication();
      const create = (code?: string) => backend.as('anna').post('/applications/helpdesk/keys', { name: 'ci' }, code);
      expect((await create()).text).toContain('you have none yet: set one up');
      const { secret } = await enrol();
      expect((await create()).text).toContain('The code is wrong');
      expect((await create('000000')).status).toBe(403);
      const code = codeOf(secret);
      expect((await create(code)).status).toBe(201);
      expect((await create(code)).text).toContain('This code was used already');
      expect(backend.kong.keys()['app-helpdesk']).toHaveLength(1);
    });

    it('of two requests at once with one code only one is made', async () => {
      await createApplication();
      const { secret } = await enrol();
      const code = codeOf(secret);
      const answers = await Promise.all(
        [1, 2, 3].map((name) => backend.as('anna').post('/applications/helpdesk/keys', { name: `${name}` }, code)),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 403, 403]);
    });

    it('five wrong codes lock the second factor; a right one is refused then', async () => {
      await createApplication();
      const { secret } = await enrol();
      const create = (code: string) => backend.as('anna').post('/applications/helpdesk/keys', { name: 'ci' }, code);
      for (let failure = 0; failure < 5; failure += 1) await create('000000');
      expect((await create(codeOf(secret))).text).toContain('locked for 15 minutes');
    });

    it('a recovery code opens once', async () => {
      await createApplication();
      const { recoveryCodes } = await enrol();
      const [code = ''] = recoveryCodes;
      const create = () => backend.as('anna').post('/applications/helpdesk/keys', { name: 'ci' }, code);
      expect((await create()).status).toBe(201);
      expect((await create()).status).toBe(403);
      expect((await backend.as('anna').get('/second-factor')).body).toEqual({ isEnrolled: true, recoveryCodesLeft: 9 });
    });

    it('rotate with an overlap in which both work, until the old one is cut off', async () => {
      await createApplication();
      const { recoveryCodes } = await enrol();
      const codes = [...recoveryCodes];
      const made = await backend.as('anna').post('/applications/helpdesk/keys', { name: 'ci' }, codes.pop());
      const { key, secret: first } = made.body as { key: { id: string }; secret: string };
      const rotated = await backend.as('anna').post(`/keys/${key.id}/rotate`, { overlapHours: 24 }, codes.pop());
      const { secret: second } = rotated.body as { secret: string };
      expect(backend.kong.keys()['app-helpdesk']).toEqual([first, second]);
      const states = (await backend.as('anna').get('/applications/helpdesk/keys')).body.items as { state: string }[];
      expect(states.map(({ state }) => state)).toEqual(['overlap', 'active']);
      expect((await backend.as('anna').post(`/keys/${key.id}/cut-off`, {}, codes.pop())).body.state).toBe('revoked');
      expect(backend.kong.keys()['app-helpdesk']).toEqual([second]);
    });

    it('that Kong does not take are revoked, and nobody is given one', async () => {
      await createApplication();
      const { recoveryCodes } = await enrol();
      const [code = ''] = recoveryCodes;
      backend.kong.refuse = true;
      const answer = await backend.as('anna').post('/applications/helpdesk/keys', { name: 'ci' }, code);
      expect(answer.status).toBe(503);
      expect(answer.text).toContain('Kong refused');
      expect(answer.text).not.toContain('mk_');
      // Still to be taken out of Kong, should it have got there after all.
      expect((await backend.as('anna').get('/applications/helpdesk/keys')).body.items).toMatchObject([
        { state: 'revoked', sync: { state: 'pending' } },
      ]);
    });

    it.each(['gwen', 'otto', 'fiona', 'pia'])(
      'are nobody else’s: %s finds neither the list nor the key',
      async (person) => {
        await createApplication();
        const { recoveryCodes } = await enrol();
        const made = await backend.as('anna').post('/applications/helpdesk/keys', { name: 'ci' }, recoveryCodes[0]);
        const { id } = (made.body as { key: { id: string } }).key;
        const { recoveryCodes: own } = await enrol(person);
        expect((await backend.as(person).get('/applications/helpdesk/keys')).status).toBe(404);
        expect((await backend.as(person).post('/applications/helpdesk/keys', { name: 'x' }, own[0])).status).toBe(404);
        for (const action of ['rotate', 'revoke', 'cut-off'])
          expect((await backend.as(person).post(`/keys/${id}/${action}`, {}, own[1])).status).toBe(404);
        expect(backend.kong.keys()['app-helpdesk']).toHaveLength(1);
      },
    );
  });

  describe('the second factor', () => {
    it('is shown once as QR code, and another enrolment needs a reset', async () => {
      const first = await backend.as('anna').post('/second-factor/enrol');
      expect(first.body.qrSvg).toMatch(/^<svg /);
      expect(first.body.uri).toMatch(/^otpauth:\/\/totp\//);
      const { recoveryCodes } = await enrol();
      expect((await backend.as('anna').post('/second-factor/enrol')).status).toBe(409);
      expect((await backend.as('anna').post('/second-factor/reset', { code: '000000' })).status).toBe(403);
      expect((await backend.as('anna').post('/second-factor/reset', { code: recoveryCodes[0] })).status).toBe(200);
      expect((await backend.as('anna').get('/second-factor')).body.isEnrolled).toBe(false);
    });
  });

  describe('tools', () => {
    it('of REST APIs and MCP servers stand side by side, with plans and what the viewer has', async () => {
      await createApplication();
      const id = await subscribe();
      await backend.as('otto').post(`/subscriptions/${id}/approve`);
      const { items } = (await backend.as('anna').get('/tools')).body as { items: { ref: string }[] };
      expect(items.map(({ ref }) => ref).sort()).toEqual([
        'commerce/listProducts',
        'orders/delete_order',
        'orders/generate_report',
        'orders/search_orders',
        'secret/secret_tool',
      ]);
      expect(items.find(({ ref }) => ref === 'orders/search_orders')).toMatchObject({
        kind: 'mcp',
        owner: 'group:default/team-orders',
        plans: [{ id: 'starter', name: 'Starter' }],
        myAccess: [{ application: 'Help desk', state: 'active' }],
      });
      expect(items.find(({ ref }) => ref === 'orders/delete_order')).toMatchObject({ plans: [], myAccess: [] });
    });

    it.each(['gwen', 'fiona', 'otto'])('that are private do not exist for %s', async (person) => {
      expect((await backend.as(person).get('/tools')).text).not.toContain('secret');
      expect((await backend.as(person).get('/tools/secret/secret_tool')).status).toBe(404);
      expect((await backend.as(person).get('/plans')).text).not.toContain('inner');
    });

    it('are found by words of name, title and description', async () => {
      const found = await backend.as('anna').get('/tools?query=report%20orders');
      expect((found.body as { items: { ref: string }[] }).items.map(({ ref }) => ref)).toEqual([
        'orders/generate_report',
      ]);
    });
  });

  describe('the policy', () => {
    it('is signed, has an ETag, and is given to gateways only', async () => {
      const ask = (token?: string) => {
        const test = backend.as(undefined).get('/policy');
        return token === undefined ? test : test.set('authorization', `Bearer ${token}`);
      };
      expect((await ask()).status).toBe(401);
      expect((await ask('test-wrong-token')).status).toBe(401);
      expect((await backend.as('anna').get('/policy')).status).toBe(401);
      const { text, headers } = await ask(POLICY_TOKEN);
      const signature = createHmac('sha256', POLICY_SECRET).update(text).digest('hex');
      expect(headers['x-policy-signature']).toBe(`sha256=${signature}`);
      expect((await ask(POLICY_TOKEN).set('if-none-match', headers.etag ?? '')).status).toBe(304);
    });
  });

  describe('Kong', () => {
    it('is compared and brought in line by administrators, who see what will change first', async () => {
      await createApplication();
      const { recoveryCodes } = await enrol();
      await backend.as('anna').post('/applications/helpdesk/keys', { name: 'ci' }, recoveryCodes[0]);
      expect((await backend.as('pia').get('/sync')).body).toEqual({ changes: [], lostKeys: [] });
      expect((await backend.as('anna').get('/sync')).status).toBe(403);
      expect((await backend.as('anna').post('/sync')).status).toBe(403);
    });
  });

  it('nobody who is not signed in gets anything', async () => {
    for (const place of ['/tools', '/plans', '/applications', '/subscriptions', '/second-factor', '/sync', '/pins'])
      expect([place, (await backend.as(undefined).get(place)).status]).toEqual([place, 401]);
  });
});
