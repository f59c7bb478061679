import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import {
  approve,
  auditOf,
  codeOf,
  createApplication,
  createKey,
  enrol,
  findTool,
  limitsLeft,
  revokeKey,
  signIn,
  subscribe,
  tryTool,
  usageByCostCentre,
  usageCalls,
} from './journey.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const hasBrowser = existsSync(CHROMIUM);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Everything as `npm start` runs it, on free ports; resolves when the portal is there. */
const startEverything = async (folder) => {
  const child = spawn(
    process.execPath,
    [
      ...['kong-plugin/setup/start.mjs', '--no-kong', '--no-tour', '--data', folder],
      ...['--port', '0', '--admin-port', '0', '--billing-port', '0', '--portal-port', '0'],
    ],
    // vitest's own NODE_ENV is none in which the demo's sign-in starts.
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_ENV: 'development' } },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const found = (pattern) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(output);
        if (match) resolve(match[1]);
        if (output.includes('could not be started')) reject(new Error(output.slice(-2_000)));
      };
      for (const stream of [child.stdout, child.stderr]) stream.on('data', look);
      child.once('exit', () => reject(new Error(`npm start ended:\n${output.slice(-2_000)}`)));
    });
  const [gateway, portal] = await Promise.all([
    found(/MCP server {3}(http:\/\/[\d.:]+)\/mcp/),
    found(/The portal is at (http:\/\/[\d.:]+) /),
  ]);
  const stop = () =>
    new Promise((resolve) => {
      child.removeAllListeners('exit');
      child.once('exit', resolve);
      child.kill('SIGTERM');
    });
  return { gateway, portal, stop };
};

const initialize = (gateway, apikey) =>
  fetch(`${gateway}/mcp/orders`, {
    method: 'POST',
    headers: { apikey, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'e2e', version: '1' } },
    }),
  }).then(({ status }) => status);

/** What axe finds that keeps somebody out. */
const seriousIssues = async ({ page }) => {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document.querySelector('main') ?? document));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
};

describe.skipIf(!hasBrowser)(`the portal in a browser (needs ${CHROMIUM})`, () => {
  let folder;
  let everything;
  let browser;
  const people = {};

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'portal-e2e-'));
    everything = await startEverything(folder);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    for (const person of ['Anna', 'Otto', 'Fiona', 'Gwen'])
      people[person] = await signIn(browser, everything.portal, person);
  }, 600_000);

  afterAll(async () => {
    await browser?.close();
    await everything?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('takes a developer from a tool to its cost, with the owner, finance and another tenant around', async () => {
    const { Anna: anna, Otto: otto, Fiona: fiona, Gwen: gwen } = people;
    await findTool(anna);
    await createApplication(anna, 'Help desk');
    expect(await subscribe(anna, { tool: 'orders/search_orders', plan: 'Starter' })).toContain(
      'search_orders: EUR 0.02',
    );
    await approve(otto, 'Help desk');

    const { secret } = await enrol(anna);
    const key = await createKey(anna, { application: 'Help desk', code: codeOf(secret) });
    expect(key).toMatch(/^mk_[\w-]{43}$/);
    expect(await initialize(everything.gateway, key)).toBe(200);

    const tried = await tryTool(anna, 'orders/search_orders', '{"query":"lamp"}');
    expect(tried.text).toContain('It worked');
    expect(tried.text).toContain('Desk lamp');
    expect(tried.text).toMatch(/Cost\n0\.02 EUR/);
    expect(await limitsLeft(anna, 'orders/search_orders')).toContain('1,000 a month: 999 left');
    const refused = await tryTool(anna, 'orders/delete_order', '{"orderId":"ord-1001"}');
    expect(refused.text).toContain('Help desk may not call delete_order (rule nobody-deletes)');

    expect(await auditOf(otto, 'delete_order')).toContain('nobody-deletes');
    for (const person of [anna, fiona, gwen]) expect(await auditOf(person, 'delete_order')).toContain('No records');

    expect(await usageCalls(anna)).toBe(1);
    expect(await usageCalls(fiona)).toBe(1);
    for (const person of [anna, fiona])
      expect(await usageByCostCentre(person)).toEqual([expect.stringMatching(/^4711 acme 1 0 \d+ /)]);

    for (const place of ['/tools', '/applications', '/usage', '/audit', '/approvals', '/tool-changes']) {
      await gwen.go(place);
      await gwen.page.getByRole('main').waitFor();
      await gwen.page.waitForLoadState('networkidle');
      expect(await gwen.page.getByRole('main').innerText()).not.toContain('Help desk');
    }

    await revokeKey(anna, { application: 'Help desk', key: 'production', code: codeOf(secret, 1) });
    expect(await initialize(everything.gateway, key)).toBe(401);
    for (const { problems } of Object.values(people)) expect(problems).toEqual([]);
  }, 300_000);

  it.each(['light', 'dark'])(
    'has no page that keeps somebody out, %s',
    async (colorScheme) => {
      const { Anna: anna, Otto: otto } = people;
      const pages = [
        ...[
          '/tools',
          '/tools/orders/search_orders',
          '/tools/orders/search_orders?tab=try',
          '/tools/orders/search_orders?tab=monitor',
          '/applications',
          '/usage',
        ].map((place) => [anna, place]),
        ...['/approvals', '/audit', '/tool-changes'].map((place) => [otto, place]),
      ];
      for (const [person, place] of pages) {
        await person.page.emulateMedia({ colorScheme });
        await person.go(place);
        await person.page.getByRole('main').waitFor();
        await person.page.waitForLoadState('networkidle');
        expect([place, await seriousIssues(person)]).toEqual([place, []]);
      }
    },
    200_000,
  );
});
