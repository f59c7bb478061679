import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'first-run-'));
  // As root the database runs as somebody else, who must be able to reach it.
  chmodSync(folder, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly code: number | null;
  readonly output: string;
}

const run = (parameters: readonly string[]): Promise<Run> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, parameters, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('close', (code) => resolve({ code, output }));
  });

const start = (...options: readonly string[]): Promise<Run> =>
  run([
    'kong-plugin/setup/start.mjs',
    ...['--no-kong', '--once', '--billing-port', '0', '--data', path.join(folder, 'data')],
    ...options,
  ]);

/** PostgreSQL removes it when it is stopped in order. */
const postmaster = (data: string): string => path.join(folder, data, 'billing/postgres/data/postmaster.pid');

describe('npm start', () => {
  it('says that the gateway is a stand-in and ends with the eleven results of the tour', async () => {
    const { code, output } = await start('--port', '0', '--admin-port', '0');
    expect(output).toContain('a development stand-in for Kong');
    expect(output).toMatch(/1\. An allowed call[^]*search_orders .*->.*Desk lamp/);
    expect(output).toMatch(/2\. A refused call[^]*Unknown tool: delete_order {3}\(the server has run it 0 times\)/);
    expect(output).toMatch(
      /acme {3}sees search_orders, generate_report, confirm_refund\n {3}globex sees search_orders\n/,
    );
    expect(output).toMatch(/POST \/commerce\/payments as acme-billing {2}-> {2}201/);
    expect(output).toMatch(/POST \/commerce\/payments as globex-agent {2}-> {2}403/);
    expect(output).toMatch(
      /generate_report 3 {2}-> {2}\{.*\n {3}generate_report 4 {2}-> {2}Quota "reports-a-month" is exhausted: 3 of 3 used/,
    );
    expect(output).toMatch(
      /create_invoice \{"amount":9000\} {2}-> {2}Invoices above 1000 need a person[^]*the server has created 1/,
    );
    expect(output).toMatch(
      /tools\/list now shows search_orders, generate_report\n {3}confirm_refund {2}-> {2}Unknown tool: confirm_refund/,
    );
    expect(output).toMatch(/8\. Every call left one record.*\n(?: {3}[0-9a-f]{8}-[0-9a-f]{4} .*\n){11} {3}in /);
    expect(output).toMatch(/9\. The ledger has one row per call.*\n(?: {3}[0-9a-f]{8}-[0-9a-f]{4} .*\n){11}10\. /);
    expect(output).toMatch(/acme {4}orders\/generate_report {7}3 calls {6}1\.25 EUR/);
    expect(output).toMatch(/acme {4}orders\/confirm_refund .* no price/);
    expect(output).toMatch(/11\. A draft invoice[^]*acme {4}in_\w+: 2\.50 EUR = statement, to the cent/);
    expect(code).toBe(0);
    const records = readFileSync(path.join(folder, 'data/mcp-governance/invocations.jsonl'), 'utf8');
    expect(records).not.toContain('test-key');
  });

  it('names the busy port and the option that changes it', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as AddressInfo;
    const { code, output } = await start('--no-billing', '--port', String(port), '--admin-port', '0');
    blocker.close();
    expect(output.trim()).toBe(
      `Port ${port} is in use: stop what listens there, or choose another with: npm start -- --port 8010`,
    );
    expect(code).toBe(1);
  });

  it.each([
    ['an option that does not exist', ['--prot', '1'], "Unknown option '--prot'"],
    ['a port that is none', ['--port', 'abc'], '--port must be a port between 0 and 65535, and is abc.'],
    [
      'a configuration that does not exist',
      ['--config', 'nowhere.yml'],
      'nowhere.yml cannot be read: there is no such file.',
    ],
  ])('explains %s in one sentence, without a stack', async (_, options, sentence) => {
    const { code, output } = await start('--no-billing', ...options);
    expect(output).toContain(sentence);
    expect(output).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
  });

  it('lists every mistake in the configuration with its place', async () => {
    const file = path.join(folder, 'mistakes.yml');
    const text = readFileSync(path.join(root, 'kong.yml'), 'utf8');
    writeFileSync(file, text.replace('effect: deny', 'effect: dny').replace('hide_credentials', 'hide_credential'));
    const { code, output } = await start('--no-billing', '--config', file, '--port', '0', '--admin-port', '0');
    expect(output).toContain('services[1].plugins[1].config.hide_credential: unknown field');
    expect(output).toContain('services[1].plugins[2].config.rules[1].effect: expected one of: allow, deny');
    expect(code).toBe(1);
  });

  it.each([
    ['when everything runs', (output: string) => output.includes('Stop with Ctrl-C.')],
    ['while the database starts', () => existsSync(postmaster('interrupted'))],
  ])('leaves nothing behind at a Ctrl-C %s, which comes from the terminal and from npm', async (_, isTime) => {
    const child = spawn(
      process.execPath,
      [
        'kong-plugin/setup/start.mjs',
        ...['--no-kong', '--no-tour', '--no-portal', '--port', '0', '--admin-port', '0', '--billing-port', '0'],
        ...['--data', path.join(folder, 'interrupted')],
      ],
      // A group of its own, as a terminal makes one.
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    );
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const closed = new Promise((resolve) => child.once('close', resolve));
    onTestFinished(() => void child.kill('SIGKILL'));
    await expect.poll(() => isTime(output), { timeout: 60_000, interval: 10 }).toBe(true);
    process.kill(-(child.pid ?? Number.NaN), 'SIGINT');
    child.kill('SIGINT');
    expect(await closed, output).toBe(0);
    expect(existsSync(postmaster('interrupted'))).toBe(false);
    expect(output).not.toMatch(/error|^\s+at /im);
  });

  it('tells an old Node which version is needed', async () => {
    const script = "import('./kong-plugin/setup/preflight.mjs').then(({ checkNode }) => checkNode('18.20.4'))";
    const { code, output } = await run(['--eval', script]);
    expect(output.trim()).toMatch(
      /^This needs Node 20\.19 or newer, and this is Node 18\.20\.4: install a current one/,
    );
    expect(code).toBe(1);
  });
});
