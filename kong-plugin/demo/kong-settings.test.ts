import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kongSettings, nginxMasterOf } from './kong-settings.ts';

describe('settings of a Kong node', () => {
  const server = { plugin: 'mcp-governance', socket: 'a.sock', queryCommand: 'a --dump' };
  const settings = { prefix: 'data', declarativeFile: 'kong.yml', proxyPort: 8000 };

  it('name each plugin server, and tell Kong to start those that nobody else starts', () => {
    const pluginServers = [
      { ...server, name: 'governance', startCommand: 'a' },
      { name: 'nothing', plugin: 'bench-noop', socket: 'b.sock', queryCommand: 'b --dump' },
    ];
    const environment = kongSettings({ ...settings, adminPort: 8001, pluginServers });
    expect(environment).toMatchObject({
      KONG_ADMIN_LISTEN: '127.0.0.1:8001',
      KONG_PLUGINS: 'bundled,mcp-governance,bench-noop,mcp-guard',
      KONG_PLUGINSERVER_NAMES: 'governance,nothing',
      KONG_PLUGINSERVER_GOVERNANCE_SOCKET: 'a.sock',
      KONG_PLUGINSERVER_GOVERNANCE_START_CMD: 'a',
      KONG_PLUGINSERVER_GOVERNANCE_QUERY_CMD: 'a --dump',
      KONG_PLUGINSERVER_NOTHING_SOCKET: 'b.sock',
      KONG_PLUGINSERVER_NOTHING_QUERY_CMD: 'b --dump',
    });
    expect(environment).not.toHaveProperty('KONG_PLUGINSERVER_NOTHING_START_CMD');
  });

  it('open no Admin API without a port for it', () => {
    expect(kongSettings({ ...settings, pluginServers: [] })['KONG_ADMIN_LISTEN']).toBe('off');
  });
});

describe('the master of a Kong', () => {
  let prefix: string;
  beforeEach(() => {
    prefix = mkdtempSync(path.join(tmpdir(), 'kong-prefix-'));
  });
  afterEach(() => rmSync(prefix, { recursive: true, force: true }));

  it('is what its pid file says, and nobody while there is none or it is empty', () => {
    expect(nginxMasterOf(prefix)).toBeUndefined();
    mkdirSync(path.join(prefix, 'pids'));
    for (const [text, master] of [
      ['', undefined],
      ['4711\n', 4711],
    ] as const) {
      writeFileSync(path.join(prefix, 'pids/nginx.pid'), text);
      expect(nginxMasterOf(prefix)).toBe(master);
    }
  });
});
