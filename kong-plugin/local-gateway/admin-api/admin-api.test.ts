import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.ts';

const services = Array.from({ length: 5 }, (_, index) => ({
  name: `s${index}`,
  host: 'h.test',
  tags: index % 2 === 0 ? ['even', 'all'] : ['odd', 'all'],
  routes: [{ name: `r${index}`, paths: [`/${index}`] }],
}));

const declarative = {
  services,
  consumers: [
    {
      username: 'alice',
      custom_id: '42',
      keyauth_credentials: [{ key: 'k1' }, { key: 'k2' }],
      acls: [{ group: 'gold' }],
    },
  ],
  plugins: [{ name: 'key-auth', route: 'r0' }],
};

interface Page {
  readonly data: readonly { readonly id: string; readonly name: string }[];
  readonly next: string | null;
  readonly offset?: string;
}

describe('the Admin API', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway(declarative);
  });
  afterAll(() => gateway.close());

  const get = async (path: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> => {
    const answer = await fetch(`${gateway.adminUrl}${path}`, init);
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  const page = async (path: string): Promise<Page> => (await get(path)).body as Page;

  it('says what it is', async () => {
    expect(await get('/')).toMatchObject({
      status: 200,
      body: { version: '3.9.1', tagline: 'Welcome to kong', configuration: { database: 'off' } },
    });
    expect(await get('/status')).toMatchObject({
      status: 200,
      body: { configuration_hash: expect.stringMatching(/^[0-9a-f]{32}$/) as string },
    });
  });

  it('lists entities in the order of ids, `next` null on the last page', async () => {
    const { data, next, offset } = await page('/services');
    expect(data).toHaveLength(5);
    expect([...data].sort((left, right) => (left.id < right.id ? -1 : 1))).toStrictEqual(data);
    expect([next, offset]).toStrictEqual([null, undefined]);
  });

  it('pages through everything once, with size and offset', async () => {
    const names: string[] = [];
    let path: string | null = '/services?size=2';
    const sizes: number[] = [];
    while (path !== null) {
      const current: Page = await page(path);
      names.push(...current.data.map(({ name }) => name));
      sizes.push(current.data.length);
      path = current.next;
    }
    expect(sizes).toStrictEqual([2, 2, 1]);
    expect(names.sort()).toStrictEqual(['s0', 's1', 's2', 's3', 's4']);
  });

  it.each([
    ['/services?tags=even', ['s0', 's2', 's4']],
    ['/services?tags=even,all', ['s0', 's2', 's4']],
    ['/services?tags=even,odd', []],
    ['/services?tags=even/odd', ['s0', 's1', 's2', 's3', 's4']],
    ['/services?tags=none', []],
  ])('filters %s', async (path, names) => {
    expect((await page(path)).data.map(({ name }) => name).sort()).toStrictEqual(names);
  });

  it.each([
    ['/services?size=x', 'invalid size'],
    ['/services?size=0', 'invalid size'],
    ['/services?size=1001', 'invalid size'],
    ['/services?offset=***', 'invalid offset'],
    ['/services?tags=a,b/c', 'invalid options'],
  ])('answers 400 to %s', async (path, name) => {
    expect(await get(path)).toMatchObject({ status: 400, body: { name } });
  });

  it('finds entities by name and by id, and what belongs to them', async () => {
    const { body } = await get('/services/s0');
    const { id } = body as { id: string };
    expect(await get(`/services/${id}`)).toStrictEqual({ status: 200, body });
    expect((await page('/services/s0/routes')).data.map(({ name }) => name)).toStrictEqual(['r0']);
    expect((await page(`/routes/r0/plugins`)).data.map(({ name }) => name)).toStrictEqual(['key-auth']);
    expect((await page('/routes/r1/plugins')).data).toStrictEqual([]);
    expect(await get('/consumers/alice')).toMatchObject({ body: { custom_id: '42' } });
    expect((await page('/consumers/alice/key-auth')).data).toHaveLength(2);
    expect(await get('/consumers/alice/key-auth/k1')).toMatchObject({ status: 200, body: { key: 'k1' } });
    expect((await page('/consumers/alice/acls')).data).toMatchObject([{ group: 'gold' }]);
    expect((await page('/key-auths')).data).toHaveLength(2);
  });

  it.each([
    '/services/none',
    '/services/s0/nothing',
    '/consumers/bob/key-auth',
    '/consumers/alice/key-auth/k3',
    '/nothing',
    '/services/s0/routes/r1',
  ])('answers 404 to %s', async (path) => {
    expect(await get(path)).toStrictEqual({ status: 404, body: { message: 'Not found' } });
  });

  it.each([
    ['POST', '/services', "cannot create 'services' entities when not using a database"],
    ['POST', '/consumers/alice/key-auth', "cannot create 'keyauth_credentials' entities when not using a database"],
    [
      'DELETE',
      '/consumers/alice/key-auth/k1',
      "cannot remove 'keyauth_credentials' entities when not using a database",
    ],
    ['PATCH', '/services/s0', "cannot update 'services' entities when not using a database"],
    ['PUT', '/services/s0', "cannot create or update 'services' entities when not using a database"],
  ])('answers 405 to %s %s, as Kong without a database', async (method, path, message) => {
    expect(await get(path, { method })).toStrictEqual({
      status: 405,
      body: { code: 12, name: 'operation unsupported', message },
    });
  });
});

describe('POST /config', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway(declarative);
  });
  afterAll(() => gateway.close());

  const names = async (): Promise<readonly string[]> => {
    const answer = await fetch(`${gateway.adminUrl}/services`);
    return ((await answer.json()) as Page).data.map(({ name }) => name).sort();
  };
  const post = (body: string, type: string, query = '') =>
    fetch(`${gateway.adminUrl}/config${query}`, { method: 'POST', body, headers: { 'content-type': type } });
  const yaml = (name: string): string => `_format_version: "3.0"\nservices:\n- name: ${name}\n  host: h\n`;
  const json = (name: string): object => ({ _format_version: '3.0', services: [{ name, host: 'h' }] });

  it.each<[string, string, string]>([
    ['YAML', 'text/yaml', yaml('a')],
    ['JSON', 'application/json', JSON.stringify(json('a'))],
    ['text in a field of JSON', 'application/json', JSON.stringify({ config: yaml('a') })],
    ['a form', 'application/x-www-form-urlencoded', new URLSearchParams({ config: yaml('a') }).toString()],
  ])('replaces everything by %s', async (_name, type, body) => {
    await post(yaml('before'), 'text/yaml');
    const answer = await post(body, type);
    expect(answer.status).toBe(201);
    const { services: loaded } = (await answer.json()) as { services: Record<string, { name: string }> };
    expect(Object.values(loaded).map(({ name }) => name)).toStrictEqual(['a']);
    expect(await names()).toStrictEqual(['a']);
  });

  it('refuses a wrong configuration whole, in the shape of Kong, and keeps the old one', async () => {
    await post(yaml('kept'), 'text/yaml');
    const answer = await post(`${yaml('new')}  colour: red\n- host: h\n  port: x\n`, 'text/yaml');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      code: 14,
      name: 'invalid declarative configuration',
      fields: { services: [{ colour: 'unknown field' }, { port: 'expected an integer' }] },
    });
    expect(await names()).toStrictEqual(['kept']);
  });

  it.each(['', 'a: [', '- 1'])('answers 400 to %j', async (body) => {
    expect((await post(body, 'text/yaml')).status).toBe(400);
  });

  it('answers 304 with check_hash=1 when nothing changed', async () => {
    await post(yaml('same'), 'text/yaml');
    expect((await post(yaml('same'), 'text/yaml', '?check_hash=1')).status).toBe(304);
    expect((await post(yaml('other'), 'text/yaml', '?check_hash=1')).status).toBe(201);
  });
});
