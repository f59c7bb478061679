import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TestDatabases } from '@backstage/backend-test-utils';
import { startCatalogBackend, type CatalogBackend } from '../testing/startCatalogBackend';

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const hasPostgres = databases.supports('POSTGRES_18');

const TOKEN = 'test-management-token-0123456789';
const month = { rule: 'month', kind: 'rate', window: 'month', limit: 1000, used: 42, remaining: 958, cost: 1 };
const streams = { rule: 'streams', kind: 'concurrent', limit: 5, used: 0, remaining: 5, cost: 1 };
const left = { limits: [{ ...month, resets_at: '2026-12-01T00:00:00Z' }, streams] };

describe.skipIf(!hasPostgres)('the limits left of an application (needs PostgreSQL: setup/test.mjs starts one)', () => {
  let backend: CatalogBackend;
  let gateway: Server;
  let answer: readonly [status: number, body: object];
  const asked: { readonly path: string; readonly authorization: string | undefined; readonly body: unknown }[] = [];

  beforeAll(async () => {
    gateway = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        const { url: path = '', headers } = request;
        asked.push({ path, authorization: headers.authorization, body: text === '' ? undefined : JSON.parse(text) });
        response.writeHead(answer[0], { 'content-type': 'application/json' });
        response.end(JSON.stringify(answer[1]));
      });
    });
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
    backend = await startCatalogBackend({
      knex: await databases.init('POSTGRES_18'),
      management: { url, token: TOKEN },
    });
    const team = 'group:default/team-support';
    await backend.as('anna').post('/applications', { id: 'helpdesk', name: 'Help desk', team });
  });
  beforeEach(() => {
    answer = [200, left];
    asked.length = 0;
  });
  afterAll(async () => {
    await backend.stop();
    gateway.close();
  });

  const ask = (person: string, query: Record<string, string> = {}) => {
    const given = { application: 'helpdesk', server: 'orders', tool: 'search_orders', ...query };
    return backend.as(person).get(`/limits?${new URLSearchParams(given).toString()}`);
  };
  const sentenceOf = ({ body }: { readonly body: unknown }) => (body as { error: { message: string } }).error.message;

  it('are those that the gateway says for its consumer; before its first key Kong has none', async () => {
    const { status, body } = await ask('anna');
    expect(status).toBe(200);
    expect(body).toEqual({ items: [{ ...month, resetsAt: '2026-12-01T00:00:00Z' }, streams] });
    const tags = ['tenant:acme', 'application:helpdesk', 'team:team-support'];
    expect(asked).toEqual([
      {
        path: '/v1/limits/left',
        authorization: `Bearer ${TOKEN}`,
        body: {
          ...{ server: 'orders', tool: 'search_orders' },
          caller: { id: 'app-helpdesk', username: 'app-helpdesk', tags, groups: [] },
        },
      },
    ]);
  });

  it.each([
    ['gwen', {}, 404, /There is no such application, or it is not your team's/],
    ['otto', {}, 404, /There is no such application/],
    ['anna', { application: 'unknown' }, 404, /There is no such application/],
    ['anna', { server: 'unknown' }, 404, /There is no such server/],
    ['anna', { tool: '' }, 400, /^query\.tool: /],
  ])('are not told to %s who asks for %j: %i', async (person, query, status, sentence) => {
    const refused = await ask(person, query as Record<string, string>);
    expect(refused.status).toBe(status);
    expect(sentenceOf(refused)).toMatch(sentence);
    expect(asked).toEqual([]);
  });

  it('cannot be told before the gateway has served the server, or without its counters: the sentence says so', async () => {
    answer = [404, { code: 'not_served', detail: 'server: this node has not served a call of it.' }];
    const unserved = await ask('anna');
    expect([unserved.status, sentenceOf(unserved)]).toEqual([
      503,
      'The gateway has served no call to orders since it started, so it cannot say what is left. Make one, then it shows here.',
    ]);
    answer = [503, { code: 'unavailable', detail: 'The counters cannot be asked now.' }];
    const uncounted = await ask('anna');
    expect([uncounted.status, sentenceOf(uncounted)]).toEqual([503, 'The counters cannot be asked now.']);
  });

  it('cannot be told when nobody listens at the gateway: 503 names its address and when it opens', async () => {
    const away = await startCatalogBackend({
      knex: await databases.init('POSTGRES_18'),
      management: { url: 'http://127.0.0.1:1', token: TOKEN },
    });
    try {
      const team = 'group:default/team-support';
      await away.as('anna').post('/applications', { id: 'helpdesk', name: 'Help desk', team });
      const answered = await away.as('anna').get('/limits?application=helpdesk&server=orders&tool=search_orders');
      expect(answered.status).toBe(503);
      expect(sentenceOf(answered)).toMatch(/management API at http:\/\/127\.0\.0\.1:1 is not reachable/);
    } finally {
      await away.stop();
    }
  });
});
