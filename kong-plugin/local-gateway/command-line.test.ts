import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startLocalGateway } from './local-gateway.ts';
import { parseCommandLine } from './command-line.ts';
import { makeDirectory, startTestGateway } from './testing/test-gateway.ts';

describe('parseCommandLine', () => {
  it.each([
    [[], {}, { config: 'kong.yml', prefix: '.data/gateway', proxyPort: 8_000, adminPort: 8_001, help: false }],
    [
      ['--config', 'a.yml', '--proxy-port', '0', '--admin-port', '1', '--prefix', 'p'],
      {},
      { config: 'a.yml', prefix: 'p', proxyPort: 0, adminPort: 1 },
    ],
    [[], { KONG_PROXY_PORT: '9000', KONG_PREFIX: 'q' }, { proxyPort: 9_000, prefix: 'q' }],
    [['--proxy-port', '1'], { KONG_PROXY_PORT: '9000' }, { proxyPort: 1 }],
    [['-h'], {}, { help: true }],
  ])('reads %j with environment %j', (parameters, environment, expected) => {
    expect(parseCommandLine(parameters, environment)).toMatchObject({ ok: true, value: expected });
  });

  it.each([
    [['--proxy-port', 'x'], {}, '--proxy-port (KONG_PROXY_PORT) must be a number'],
    [['--proxy-port', '65536'], {}, '--proxy-port (KONG_PROXY_PORT) must be a number'],
    [[], { KONG_ADMIN_PORT: '-1' }, '--admin-port (KONG_ADMIN_PORT) must be a number'],
    [['--bogus'], {}, '--bogus'],
  ])('refuses %j with environment %j in one sentence', (parameters, environment, text) => {
    const read = parseCommandLine(parameters, environment);
    expect(read.ok ? '' : read.error).toContain(text);
  });
});

describe('a start that cannot succeed', () => {
  const start = (options: Partial<Parameters<typeof startLocalGateway>[0]>) =>
    startLocalGateway({
      config: { declarative: { _format_version: '3.0' } },
      prefix: makeDirectory(),
      proxyPort: 0,
      adminPort: 0,
      pluginServer: false,
      guardFile: false,
      ...options,
    });

  it.each([
    ['proxyPort', '--proxy-port or KONG_PROXY_PORT'],
    ['adminPort', '--admin-port or KONG_ADMIN_PORT'],
  ])('names the busy %s and what to change', async (option, setting) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await expect(start({ [option]: port })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is in use: stop what listens there, or choose another with ${setting}.`,
    );
    other.close();
  });

  it('says which plugins are known when one is not', async () => {
    await expect(
      start({ config: { declarative: { _format_version: '3.0', plugins: [{ name: 'rate-limiting' }] } } }),
    ).rejects.toThrow(/plugin 'rate-limiting' not enabled.*acl, cors, jwt, key-auth/s);
  });

  it('names a configuration that cannot be read', async () => {
    await expect(start({ config: '/no/such/kong.yml' })).rejects.toThrow('cannot read /no/such/kong.yml');
  });

  it('says that the plugin server prints no plugins', async () => {
    const command = [process.execPath, '-e', 'console.log("WARN broken")'];
    await expect(start({ pluginServer: { command, socket: 'x', queryCommand: command } })).rejects.toThrow(
      'did not print its plugins as JSON: WARN broken',
    );
  });

  it('leaves no port open after it was closed', async () => {
    const gateway = await startTestGateway({});
    const url = gateway.proxyUrl;
    await gateway.close();
    await expect(fetch(url)).rejects.toThrow();
  });
});
