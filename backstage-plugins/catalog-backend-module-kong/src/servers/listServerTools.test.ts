import { startHttpDouble, type HttpDouble } from '../testing/startHttpDouble';
import { startMcpDouble } from '../testing/startMcpDouble';
import { listServerTools } from './listServerTools';

const names = ['delete_order', 'create_invoice', 'search_orders', 'a', 'b'];

describe('asking an MCP server for its tools', () => {
  const running: HttpDouble[] = [];
  const keep = <Double extends HttpDouble>(double: Double): Double => {
    running.push(double);
    return double;
  };
  afterEach(async () => {
    await Promise.all(running.splice(0).map((double) => double.close()));
  });
  const list = (url: string, timeoutSeconds = 5) =>
    listServerTools(url, { headers: { apikey: 'test-key' }, timeoutSeconds });

  it.each(['legacy', 'modern'] as const)('reads all pages of a %s server, with the credential', async (era) => {
    const server = keep(await startMcpDouble(era, names));
    expect(await list(server.url)).toEqual({
      ok: true,
      value: {
        toolNames: ['a', 'b', 'create_invoice', 'delete_order', 'search_orders'],
        serverInfo: { name: 'double', version: '1.2.3', title: 'A double' },
        era,
      },
    });
    expect(server.asked.every(({ headers }) => headers.apikey === 'test-key')).toBe(true);
  });

  it.each([
    [401, 'refuses the credential of the catalog'],
    [403, 'refuses the credential of the catalog'],
    [503, 'answers 503'],
  ])('says in words what %s means', async (status, sentence) => {
    const server = keep(await startMcpDouble('legacy', names));
    server.failWith = status;
    expect(await list(server.url)).toEqual({ ok: false, error: sentence });
  });

  it('says that nobody listens', async () => {
    const server = keep(await startMcpDouble('legacy', names));
    await server.close();
    expect(await list(server.url)).toEqual({ ok: false, error: 'cannot be reached' });
  });

  it('gives up on a server that hangs', async () => {
    const server = keep(await startHttpDouble(() => undefined));
    expect(await list(server.url, 0.3)).toEqual({ ok: false, error: 'does not answer within 0.3 s' });
  });

  it('says that something else answers there', async () => {
    const server = keep(await startHttpDouble((_, response) => response.end('<html>')));
    expect(await list(server.url)).toEqual({ ok: false, error: 'does not answer as an MCP server' });
  });
});
