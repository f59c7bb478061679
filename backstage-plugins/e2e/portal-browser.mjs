// A real browser at a running portal, for screenshots and acceptance tests.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Debian's chromium, or none: then a test says so and skips. */
export const hasBrowser = () => existsSync(CHROMIUM);

export const openBrowser = () => chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });

/**
 * Signs in as one of the demo's people (`dev-anna`, `owner-otto`, `fin-fiona`, `dev-gwen`) in a context of its own, so that
 * several people can be there at once. `problems` collects what the browser complains about.
 */
export const signIn = async (browser, { url, person, theme = 'light', viewport = { width: 1280, height: 900 } }) => {
  const context = await browser.newContext({ baseURL: url, viewport, colorScheme: theme, reducedMotion: 'reduce' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await context.addInitScript(
    ([name, mode]) => {
      sessionStorage.setItem('mcp-governance/demo-person', name);
      localStorage.setItem('theme', mode);
    },
    [person, theme],
  );
  const page = await context.newPage();
  const problems = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  return { context, page, problems };
};

/** Opens a page and waits until nothing on it is loading. */
export const open = async (page, path) => {
  await page.goto(path);
  await page.locator('main').first().waitFor();
  await settled(page);
};

/** No skeleton, no spinner and no fade is left. Pages poll, so that an idle network is nothing to wait for. */
export const settled = async (page) => {
  await page.waitForFunction(
    () => document.querySelector('[aria-label="Loading"], [data-testid="progress"], [role="progressbar"]') === null,
  );
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  // Half faded text has half the contrast, which axe reports. One that is cancelled rejects, an endless one is no fade.
  await page.evaluate(async () => {
    const fades = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime < Infinity);
    await Promise.allSettled(fades.map(({ finished }) => finished));
  });
};

/** What axe finds serious or critical: rule, why, and where. */
export const seriousIssues = async (page) => {
  const source = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  // Evaluated and not added as a script: the portal's content security policy stays as it is.
  await page.evaluate(await readFile(source, 'utf8'));
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes
        .slice(0, 4)
        .map(({ html, failureSummary }) => `${html.slice(0, 200)} :: ${failureSummary?.slice(0, 300)}`),
    }));
};
