import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import type { ServerProcess } from './testing/child-process.ts';
import { launcher, startProcess, waitForSocket, writePlugin } from './testing/child-process.ts';
import { KongClient } from './testing/kong-client.ts';
import { makeDirectory } from './testing/test-server.ts';

let directory: string;
let socketPath: string;
const running: ServerProcess[] = [];

beforeEach(async () => {
  directory = await makeDirectory();
  socketPath = path.join(directory, 'k.sock');
});

afterEach(async () => {
  for (const server of running.splice(0)) {
    server.child.kill('SIGKILL');
    await server.finished;
  }
  await fs.rm(directory, { recursive: true, force: true });
});

const plugin = `
const fs = require('fs');
exports.Name = 'Demo';
exports.Version = '1.2.3';
exports.Priority = 7;
exports.Schema = [{ out: { type: 'string' } }];
let stray;
exports.Plugin = class {
  constructor(config) { this.config = config; stray = config.stray; }
  async access(kong) {
    if (this.config.stray === 'rejection') Promise.reject(new Error('nobody awaits'));
    if (this.config.stray === 'exception') setTimeout(() => { throw new Error('in a timer'); }, 1);
    await kong.log.notice('hello');
  }
  close() { fs.appendFileSync(this.config.out, 'close '); }
  static async shutdown() { await new Promise((done) => setTimeout(done, 5)); fs.appendFileSync(process.env.OUT, 'shutdown'); }
};`;

const run = async (...parameters: readonly string[]) => startProcess(launcher, parameters).finished;

async function serve(...parameters: readonly string[]): Promise<ServerProcess> {
  process.env['OUT'] = path.join(directory, 'out');
  const plugins = await writePlugin(directory, { name: 'demo', source: plugin });
  const server = startProcess(launcher, ['-p', directory, '--sock-name', 'k.sock', '-d', plugins, ...parameters]);
  running.push(server);
  await waitForSocket(server, socketPath);
  return server;
}

describe('mcp-governance-pluginserver, asked for information,', () => {
  it('prints the built-in plugin as JSON that Kong can use, and nothing else', async () => {
    const { code, stdout, stderr } = await run('--dump-all-plugins');
    const plugins = JSON.parse(stdout) as readonly Readonly<Record<string, unknown>>[];
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(plugins).toHaveLength(1);
    expect(plugins[0]).toMatchObject({
      Name: 'mcp-governance',
      Version: packageJson.version,
      Priority: 850,
      Phases: ['access', 'response'],
      Schema: { name: 'mcp-governance' },
    });
  });

  it('tells Kong to call the plugin after each request with --log-phase, which a post-function needs', async () => {
    const { stdout } = await run('--dump-all-plugins', '--log-phase');
    expect(JSON.parse(stdout)).toMatchObject([{ Phases: ['log', 'access', 'response'] }]);
  });

  it.each([
    ['--dump-all-plugins', []],
    ['-dump-all-plugins', []],
    ['--dump-plugin-info', ['demo']],
    ['-dump-plugin-info', ['Demo']],
  ])(
    'prints the plugin of a directory as a list of one with %s %j (defect 10: MessagePack or no JSON)',
    async (flag, rest) => {
      const plugins = await writePlugin(directory, { name: 'demo', source: plugin });
      const { code, stdout } = await run('-d', plugins, flag, ...rest);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual([
        {
          Name: 'demo',
          Version: '1.2.3',
          Phases: ['access'],
          Priority: 7,
          Schema: { name: 'demo', fields: [{ config: { type: 'record', fields: [{ out: { type: 'string' } }] } }] },
        },
      ]);
    },
  );

  it.each([
    ['throws when it is loaded', `throw new Error('broken')`, 'Error: broken'],
    ['has a syntax error', 'exports.Plugin = class {', 'SyntaxError'],
    ['exports no class', 'exports.x = 1', 'cannot be loaded'],
    ['needs a package that is missing', `require('no-such-package')`, 'no-such-package'],
  ])('prints nothing to stdout and exits with 1 when a plugin %s (defect 10)', async (_name, source, reason) => {
    const plugins = await writePlugin(directory, { name: 'demo', source });
    const { code, stdout, stderr } = await run('-d', plugins, '--dump-all-plugins');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(path.join(plugins, 'demo.js'));
    expect(stderr).toContain(reason);
  });

  it.each([
    ['an unknown plugin', ['--dump-plugin-info', 'nope'], 'there is no plugin named "nope"'],
    ['a missing directory', ['-d', '/no/such/directory', '--dump-all-plugins'], 'cannot be read'],
    ['an unknown flag', ['--bogus'], '--bogus'],
  ])('exits with 1 and says why for %s', async (_name, parameters, reason) => {
    const { code, stdout, stderr } = await run(...parameters);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(reason);
  });

  it('refuses a directory without plugins, and one with two of the same name', async () => {
    const empty = await run('-d', directory, '--dump-all-plugins');
    expect(empty.stderr).toContain('there is no plugin in');
    await writePlugin(directory, { name: 'demo', source: plugin });
    const plugins = await writePlugin(directory, { name: 'other', source: plugin });
    const twice = await run('-d', plugins, '--dump-all-plugins');
    expect([twice.code, twice.stdout]).toEqual([1, '']);
    expect(twice.stderr).toContain('are named "demo"');
  });

  it('prints the version and the usage', async () => {
    expect((await run('--version')).stdout).toBe(`${packageJson.version}\n`);
    expect((await run('--help')).stdout).toContain('--plugins-directory');
  });

  it('ends after printing even when the plugin left a timer behind', async () => {
    const source = `setInterval(() => {}, 1000); exports.Plugin = class { access() {} };`;
    const plugins = await writePlugin(directory, { name: 'demo', source });
    expect((await run('-d', plugins, '--dump-all-plugins')).code).toBe(0);
  });
});

describe('mcp-governance-pluginserver, serving,', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('flushes, removes its socket and exits with 0 on %s', async (signal) => {
    const server = await serve();
    const client = await KongClient.connect(socketPath);
    const out = path.join(directory, 'out');
    await client.startInstance({ name: 'demo', config: { out } });
    server.child.kill(signal);
    expect((await server.finished).code).toBe(0);
    expect(await fs.readFile(out, 'utf8')).toBe('close shutdown');
    expect(await fs.readdir(directory)).not.toContain('k.sock');
    client.close();
  });

  it.each(['rejection', 'exception'])('logs a stray %s and serves the next request', async (stray) => {
    const server = await serve();
    const client = await KongClient.connect(socketPath);
    const instanceId = await client.startInstance({
      name: 'demo',
      config: { stray, out: path.join(directory, 'out') },
    });
    for (let count = 0; count < 3; count += 1) {
      expect(await client.handleEvent({ instanceId, phase: 'access' })).toMatchObject({ kind: 'returned' });
    }
    while (!/unhandled rejection|uncaught exception/.test(server.stderr())) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await client.call('GetStatus')).toMatchObject({ Pid: server.child.pid });
    client.close();
  });

  it('refuses to start beside a server that is alive, naming the socket', async () => {
    await serve();
    const { code, stderr } = await run('-p', directory, '--sock-name', 'k.sock');
    expect(code).toBe(1);
    expect(stderr).toContain(`another plugin server is listening at ${socketPath}`);
  });

  it('takes the socket over with --replace, and the old server leaves it alone when it stops', async () => {
    const first = await serve();
    const kept = await KongClient.connect(socketPath);
    const second = await serve('--replace');
    while (!second.stderr().includes('plugin server started')) await new Promise((resolve) => setImmediate(resolve));
    const fresh = await KongClient.connect(socketPath);
    expect(await fresh.call('GetStatus')).toMatchObject({ Pid: second.child.pid });
    expect(await kept.call('GetStatus')).toMatchObject({ Pid: first.child.pid });
    first.child.kill('SIGTERM');
    expect((await first.finished).code).toBe(0);
    const later = await KongClient.connect(socketPath);
    expect(await later.call('GetStatus')).toMatchObject({ Pid: second.child.pid });
    for (const client of [kept, fresh, later]) client.close();
  });

  it('serves the built-in plugin without --plugins-directory', async () => {
    const server = startProcess(launcher, ['-p', directory, '--sock-name', 'k.sock']);
    running.push(server);
    await waitForSocket(server, socketPath);
    const client = await KongClient.connect(socketPath);
    expect(await client.call('GetPluginInfo', 'mcp-governance')).toMatchObject({ Priority: 850 });
    client.close();
  });

  it('writes JSON lines to stderr, and calls only with -v', async () => {
    const server = await serve('-v');
    const client = await KongClient.connect(socketPath);
    await client.call('GetStatus');
    client.close();
    server.child.kill('SIGTERM');
    const { stderr, stdout } = await server.finished;
    const messages = stderr
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { message: string }).message);
    expect(messages).toContain('rpc');
    expect(stdout).toBe('');
  });

  it('ends by itself when its parent was killed and a successor listens, with --exit-with-parent', async () => {
    const plugins = await writePlugin(directory, { name: 'demo', source: plugin });
    const parameters = ['-p', directory, '--sock-name', 'k.sock', '-d', plugins, '--exit-with-parent'];
    const options = { stdio: 'inherit', env: { OUT: path.join(directory, 'out') } };
    const command = [process.execPath, [launcher, ...parameters], options].map((part) => JSON.stringify(part)).join();
    const parent = spawn(process.execPath, ['-e', `require('child_process').spawn(${command})`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // The server has the other end of this pipe: it closes when both have ended.
    const bothEnded = new Promise((resolve) => parent.stderr.on('close', resolve));
    await waitForSocket({ child: parent, stderr: () => '', finished: new Promise(() => undefined) }, socketPath);
    parent.stderr.resume();
    parent.kill('SIGKILL');
    const successor = await serve('--replace');
    await bothEnded;
    expect(await fs.readFile(path.join(directory, 'out'), 'utf8')).toBe('shutdown');
    const client = await KongClient.connect(socketPath);
    expect(await client.call('GetStatus')).toMatchObject({ Pid: successor.child.pid });
    client.close();
  });
});

describe('bin/mcp-governance-pluginserver.cjs', () => {
  it('says in one sentence that it is not built', async () => {
    const bin = path.join(directory, 'bin');
    await fs.mkdir(bin);
    await fs.copyFile(launcher, path.join(bin, 'server.cjs'));
    const { status, stderr } = spawnSync(process.execPath, [path.join(bin, 'server.cjs')], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^mcp-governance-pluginserver is not built: run "npm run build" first \(.*\)\.\n$/);
  });

  it.each(['18.20.0', '20.18.3', '20.19.0'])('with Node %s says whether that is new enough', (version) => {
    const code = `Object.defineProperty(process.versions, 'node', { value: '${version}' }); process.argv = ['node', 'x', '--version']; require(${JSON.stringify(launcher)})`;
    const { status, stderr } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' });
    if (version === '20.19.0') expect(status).toBe(0);
    else
      expect([status, stderr]).toEqual([
        1,
        `mcp-governance-pluginserver needs Node 20.19 or newer, but this is ${version}.\n`,
      ]);
  });
});
