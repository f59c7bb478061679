// Every page, light and dark, into docs/portal; axe and the browser's console are asked on the way.
//   node backstage-plugins/e2e/screenshots.mjs --url http://127.0.0.1:7007 [--out docs/portal] [--only tools,usage] [--theme dark]
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { open, openBrowser, seriousIssues, settled, signIn } from './portal-browser.mjs';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:7007' },
    out: { type: 'string', default: path.join(root, 'docs/portal') },
    only: { type: 'string' },
    theme: { type: 'string' },
  },
});

const entity = '/catalog/default/api/orders-mcp';
const press = (name) => async (page) => {
  await page.getByRole('button', { name }).first().click();
  await page.getByRole('dialog').waitFor();
  await settled(page);
};

const groupBy = (label) => async (page) => {
  await page.getByRole('button', { name: 'Group by' }).click();
  await page.getByRole('option', { name: label }).click();
  await page.getByRole('columnheader', { name: label }).waitFor();
  await settled(page);
};

/** Name of the picture, who looks, where, and what is done first. */
const shots = [
  ['tools', 'dev-anna', '/tools'],
  ['tool-about', 'dev-anna', '/tools/orders/search_orders'],
  ['tool-subscribe', 'dev-anna', '/tools/orders/search_orders?tab=subscribe'],
  ['tool-try', 'dev-anna', '/tools/orders/search_orders?tab=try'],
  ['tool-monitor', 'dev-anna', '/tools/orders/search_orders?tab=monitor'],
  ['entity-tools', 'dev-anna', `${entity}/tools`],
  ['entity-subscribe', 'dev-anna', `${entity}/subscribe`],
  ['entity-try', 'dev-anna', `${entity}/try`],
  ['entity-monitor', 'owner-otto', `${entity}/monitor`],
  ['applications', 'dev-anna', '/applications'],
  ['approvals', 'owner-otto', '/approvals'],
  ['usage', 'fin-fiona', '/usage'],
  ['usage-cost-centre', 'fin-fiona', '/usage', groupBy('Cost centre')],
  ['audit', 'owner-otto', '/audit'],
  ['audit-record', 'owner-otto', '/audit', press(/^Details of orders\/search_orders/)],
  ['tool-changes', 'owner-otto', '/tool-changes'],
  ['tool-change-review', 'owner-otto', '/tool-changes', press(/^Review/)],
];

const wanted = values.only?.split(',');
await mkdir(values.out, { recursive: true });
const browser = await openBrowser();
let found = 0;
try {
  for (const theme of values.theme === undefined ? ['light', 'dark'] : [values.theme])
    for (const person of [...new Set(shots.map(([, who]) => who))]) {
      const { context, page, problems } = await signIn(browser, { url: values.url, person, theme });
      for (const [name, who, where, first] of shots) {
        if (who !== person || (wanted !== undefined && !wanted.includes(name))) continue;
        try {
          await open(page, where);
          await first?.(page);
          await page.screenshot({ path: path.join(values.out, `${name}-${theme}.png`), fullPage: first === undefined });
          for (const issue of await seriousIssues(page))
            problems.push(`axe ${issue.id}: ${issue.help}\n    ${issue.nodes.join('\n    ')}`);
        } catch (error) {
          problems.push(String(error).split('\n')[0]);
        }
        for (const problem of problems) console.log(`${name} (${theme}): ${problem}`);
        found += problems.length;
        problems.length = 0;
      }
      await context.close();
    }
} finally {
  await browser.close();
}
console.log(found === 0 ? 'Nothing to complain about.' : `${found} problems.`);
process.exitCode = found === 0 ? 0 : 1;
