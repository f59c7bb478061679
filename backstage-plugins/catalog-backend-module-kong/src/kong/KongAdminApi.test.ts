import { sendJson, startHttpDouble, type Answer, type HttpDouble } from '../testing/startHttpDouble';
import { startKongDouble } from '../testing/startKongDouble';
import { KongAdminApi } from './KongAdminApi';

describe('reading Kong’s Admin API', () => {
  const running: HttpDouble[] = [];
  const start = async (answer: Answer) => {
    const double = await startHttpDouble(answer);
    running.push(double);
    return double;
  };
  afterEach(async () => {
    await Promise.all(running.splice(0).map((double) => double.close()));
  });
  const api = (url: string, headers = {}) => new KongAdminApi({ url, headers, timeoutSeconds: 2 });

  it('reads all pages by their offset, although `next` leads elsewhere behind a proxy', async () => {
    const services = Array.from({ length: 5 }, (_, index) => ({ id: `id-${index}` }));
    const kong = await startKongDouble({ services });
    running.push(kong);
    const read = await api(`${kong.url}/`, { 'Kong-Admin-Token': 'test-token' }).list('services');
    expect(read).toEqual({ ok: true, value: services });
    expect(kong.asked.map(({ target }) => target)).toEqual([
      'GET /services?size=1000',
      'GET /services?size=1000&offset=2',
      'GET /services?size=1000&offset=4',
    ]);
    expect(kong.asked.map(({ headers }) => headers['kong-admin-token'])).toEqual(Array(3).fill('test-token'));
  });

  it('reads an empty list, which Lua may write as an object', async () => {
    const kong = await startKongDouble();
    running.push(kong);
    expect(await api(kong.url).list('routes')).toEqual({ ok: true, value: [] });
  });

  it.each<[string, Answer, string, string]>([
    ['401', (_, response) => sendJson(response, {}, 401), 'refused', 'answers 401'],
    ['503', (_, response) => sendJson(response, {}, 503), 'away', 'answers 503'],
    ['no JSON', (_, response) => response.end('<html>'), 'unreadable', 'its list of services is not one of Kong'],
    ['another JSON', (_, response) => sendJson(response, [1]), 'unreadable', 'its list of services is not one of Kong'],
    [
      'a next page without an offset',
      (_, response) => sendJson(response, { data: [], next: '/services?page=2' }),
      'unreadable',
      'its list of services is not one of Kong',
    ],
    [
      'pages in a circle',
      (_, response) => sendJson(response, { data: [], next: '/services?offset=a', offset: 'a' }),
      'unreadable',
      'its list of services does not end',
    ],
    [
      'a redirect',
      (_, response) => {
        response.writeHead(302, { location: 'http://127.0.0.1:1/services' });
        response.end();
      },
      'away',
      'cannot be reached',
    ],
  ])('says what is wrong with %s', async (_name, answer, kind, sentence) => {
    const double = await start(answer);
    expect(await api(double.url).list('services')).toEqual({ ok: false, error: { kind, sentence } });
  });

  it('says that nobody listens', async () => {
    const double = await start(() => undefined);
    await double.close();
    expect(await api(double.url).list('services')).toEqual({
      ok: false,
      error: { kind: 'away', sentence: 'cannot be reached' },
    });
  });

  it('gives up on a Kong that hangs, also in the middle of an answer', async () => {
    const double = await start((request, response) => {
      if (request.url?.startsWith('/routes')) response.write('{"data":');
    });
    const hanging = new KongAdminApi({ url: double.url, headers: {}, timeoutSeconds: 0.2 });
    const error = { kind: 'away', sentence: 'does not answer within 0.2 s' };
    expect(await hanging.list('services')).toEqual({ ok: false, error });
    expect(await hanging.list('routes')).toEqual({ ok: false, error });
  });
});
