import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { findKong, startKong } from './kong-process.ts';

/** Notes what it was started with, and has the Admin API and the plugin server listen as Kong does; `exit` ends at once. */
const fakeKong = (report: string, behaviour: 'serve' | 'exit'): string => `#!${process.execPath}
const { writeFileSync } = require('node:fs');
writeFileSync(${JSON.stringify(report)}, JSON.stringify({ parameters: process.argv.slice(2), environment: process.env }));
if (${JSON.stringify(behaviour)} === 'exit') process.exit(1);
const [host, port] = process.env.KONG_ADMIN_LISTEN.split(':');
require('node:net').createServer().listen(process.env.KONG_PLUGINSERVER_GOVERNANCE_SOCKET);
require('node:http').createServer((_, response) => response.end('{}')).listen(Number(port), host);
`;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

describe('a kong on PATH', () => {
  let folder: string;
  let report: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'kong-on-path-'));
    report = path.join(folder, 'report.json');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const install = (behaviour: 'serve' | 'exit'): string => {
    const bin = path.join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(path.join(bin, 'kong'), fakeKong(report, behaviour));
    chmodSync(path.join(bin, 'kong'), 0o755);
    return bin;
  };

  const start = async (bin: string) => {
    const binary = findKong(`${folder}${path.delimiter}${bin}`);
    if (binary === undefined) throw new Error('kong was not found');
    const options = {
      declarative: { _format_version: '3.0', services: [] },
      dataDirectory: path.join(folder, 'data'),
      proxyPort: await freePort(),
      adminPort: await freePort(),
    };
    return { options, running: await startKong(binary, options) };
  };

  it('is found, and nothing where there is none or it cannot be executed', () => {
    const bin = install('serve');
    expect(findKong(bin)).toBe(path.join(bin, 'kong'));
    expect(findKong(folder)).toBeUndefined();
    chmodSync(path.join(bin, 'kong'), 0o644);
    // Root may execute nothing without any execute bit either.
    expect(findKong(bin)).toBeUndefined();
  });

  it('is started in the foreground on loopback with both plugins, our plugin server and the configuration', async () => {
    const { options, running } = await start(install('serve'));
    await running.close();
    const { parameters, environment } = JSON.parse(readFileSync(report, 'utf8')) as {
      readonly parameters: readonly string[];
      readonly environment: Readonly<Record<string, string>>;
    };
    expect(parameters).toEqual(['start']);
    expect(environment).toMatchObject({
      KONG_DATABASE: 'off',
      KONG_NGINX_DAEMON: 'off',
      KONG_PLUGINS: 'bundled,mcp-governance,mcp-guard',
      KONG_PROXY_LISTEN: `127.0.0.1:${options.proxyPort}`,
      KONG_PREFIX: options.dataDirectory,
      KONG_ADMIN_GUI_LISTEN: 'off',
      KONG_ANONYMOUS_REPORTS: 'off',
    });
    expect(environment['KONG_PLUGINSERVER_GOVERNANCE_START_CMD']).toContain('mcp-governance-pluginserver.cjs -p ');
    expect(environment['KONG_PLUGINSERVER_GOVERNANCE_QUERY_CMD']).toMatch(/--dump-all-plugins$/);
    const written: unknown = parse(readFileSync(environment['KONG_DECLARATIVE_CONFIG'] ?? '', 'utf8'));
    expect(written).toEqual(options.declarative);
    expect(running.proxyUrl).toBe(`http://127.0.0.1:${options.proxyPort}`);
  });

  it('that does not start is named, with the option that leaves it out', async () => {
    await expect(start(install('exit'))).rejects.toThrow(/Kong \(.*kong\) did not start.*npm start -- --no-kong/);
  });
});
