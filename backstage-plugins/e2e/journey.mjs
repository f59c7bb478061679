// What a developer, a provider and finance do, in a real browser. Each step throws when the page does not show what it should.
import { TOTP } from 'otpauth';

const WAIT = { timeout: 30_000 };

/** A page of its own for each person: people do not share a session. */
export async function signIn(browser, url, person) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 } });
  const page = await context.newPage();
  const problems = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(`${url}/tools`);
  await page.getByRole('button', { name: `Enter as ${person}` }).click();
  await page.getByRole('row', { name: /search_orders/ }).waitFor(WAIT);
  return { page, problems, go: (path) => page.goto(`${url}${path}`) };
}

/** `search_orders` stands beside the operations of the Payments API. */
export async function findTool({ page, go }) {
  await go('/tools');
  await page.getByRole('row', { name: /createPayment/ }).waitFor(WAIT);
  await page.getByLabel('Search tools').fill('orders');
  await page.getByRole('row', { name: /search_orders/ }).waitFor(WAIT);
}

export async function createApplication({ page, go }, name) {
  await go('/applications');
  await page.getByRole('button', { name: 'Create an application' }).first().click();
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('heading', { name }).waitFor(WAIT);
}

/** Price and limits are shown before the button. */
export async function subscribe({ page, go }, { tool, plan }) {
  await go(`/tools/${tool}?tab=subscribe`);
  await page.getByRole('button', { name: `Subscribe to ${plan}` }).waitFor(WAIT);
  const offer = await page.getByLabel(`Tools and prices of ${plan}`).innerText();
  await page.getByRole('button', { name: `Subscribe to ${plan}` }).click();
  await page.getByText('pending').first().waitFor(WAIT);
  return offer;
}

export async function approve({ page, go }, application) {
  await go('/approvals');
  const request = page.getByRole('region', { name: new RegExp(`^${application} and `) });
  await request.getByLabel('Reason (optional)').fill('welcome');
  await request.getByRole('button', { name: 'Approve' }).click();
  await request.getByText('active').waitFor(WAIT);
}

/** Scans the QR code the way a test can: reads the key below it. */
export async function enrol({ page, go }) {
  await go('/applications');
  await page.getByRole('button', { name: 'Set up the second factor' }).click();
  await page.getByAltText('QR code of the second factor').waitFor(WAIT);
  const secret = await page.getByTestId('totp-secret').innerText();
  const recoveryCodes = (await page.getByLabel('Recovery codes').innerText()).split('\n').filter((code) => code !== '');
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByRole('textbox', { name: 'Code' }).fill(codeOf(secret, -1));
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('button', { name: 'Reset' }).waitFor(WAIT);
  return { secret, recoveryCodes };
}

/** Each code works once: the one before, of now, and the next are three different ones. */
export const codeOf = (secret, steps = 0) => new TOTP({ secret }).generate({ timestamp: Date.now() + steps * 30_000 });

export async function createKey({ page, go }, { application, code }) {
  await go('/applications');
  const keys = page.getByRole('region', { name: `Keys of ${application}` });
  await keys.getByRole('button', { name: 'Create a key' }).click();
  await page.getByLabel('What is it for?').fill('production');
  await page.getByRole('textbox', { name: 'Code' }).fill(code);
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByTestId('new-key').waitFor(WAIT);
  return page.getByTestId('new-key').innerText();
}

/** Runs the form as it is filled in from the example; gives what the page says, cost included. */
export async function tryTool({ page, go }, tool, json) {
  await go(`/tools/${tool}?tab=try`);
  const name = tool.split('/')[1];
  await page.getByRole('tab', { name: 'JSON' }).click();
  await page.getByLabel('Arguments as JSON').fill(json);
  await page.getByRole('button', { name: `Call ${name}` }).click();
  const outcome = page.getByTestId('try-outcome');
  const began = Date.now();
  await outcome.getByText('Cost', { exact: true }).waitFor(WAIT);
  await outcome.getByText('…', { exact: true }).waitFor({ state: 'detached', ...WAIT });
  return { text: await outcome.innerText(), seconds: (Date.now() - began) / 1000 };
}

/** What the monitor says is left for the person's application. */
export async function limitsLeft({ page, go }, tool) {
  await go(`/tools/${tool}?tab=monitor`);
  const card = page.getByRole('region', { name: 'Limits left' });
  await card.getByRole('progressbar').first().waitFor(WAIT);
  return card.innerText();
}

/** The newest record of the tool, if the person may see it. */
export async function auditOf({ page, go }, tool) {
  await go('/audit');
  await page.getByRole('searchbox', { name: 'Tool' }).fill(tool);
  await page
    .getByText(/No records|refused|ok/)
    .first()
    .waitFor(WAIT);
  await page.waitForLoadState('networkidle');
  return page.getByRole('main').innerText();
}

/** Rows of the running month by cost centre, each as one text. */
export async function usageByCostCentre({ page, go }) {
  await go('/usage');
  await page.getByRole('button', { name: 'Group by' }).click();
  await page.getByRole('option', { name: 'Cost centre' }).click();
  await page.getByRole('columnheader', { name: 'Cost centre' }).waitFor(WAIT);
  // Within the table: the badge of unread notifications is a row of its own.
  const rows = await page.getByRole('main').getByRole('row').allInnerTexts();
  return rows.slice(1).map((row) => row.replaceAll(/\s+/g, ' ').trim());
}

/** Calls of the running month as the usage page counts them. */
export async function usageCalls({ page, go }) {
  await go('/usage');
  await page.getByTestId('usage-calls').waitFor(WAIT);
  return Number((await page.getByTestId('usage-calls').innerText()).replaceAll(/[^0-9]/g, ''));
}

export async function revokeKey({ page, go }, { application, key, code }) {
  await go('/applications');
  const keys = page.getByRole('region', { name: `Keys of ${application}` });
  await keys.getByRole('button', { name: `Revoke ${key}` }).click();
  await page.getByRole('textbox', { name: 'Code' }).fill(code);
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  await keys.getByText('revoked').waitFor(WAIT);
}
