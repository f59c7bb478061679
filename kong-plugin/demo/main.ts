import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as BillingModule from '../../billing/demo/index.ts';
import { freePort, startGovernedDemo, type GovernedDemo } from './governed-demo.ts';
import { createLifetime } from './lifetime.ts';
import { HELP, readDemoOptions, type DemoOptions } from './options.ts';
import { startPortal } from './portal-process.ts';
import { MANAGEMENT_TOKEN, runTour } from './tour.ts';

const fail = (error: unknown): never => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
};

const options = (() => {
  try {
    return readDemoOptions();
  } catch (error) {
    return fail(error);
  }
})();

const dataDirectory = path.resolve(options.data);
const NODE_ID = 'demo-node';
const apiToken = randomBytes(32).toString('base64url');

type Billing = Awaited<ReturnType<typeof BillingModule.startBillingDemo>>;

/** A bundle of its own: its packages are those of its folder. */
const billingModule = (): Promise<typeof BillingModule> =>
  import(pathToFileURL(process.env.BILLING_DEMO ?? path.resolve('billing/dist/billing-demo.mjs')).href) as Promise<
    typeof BillingModule
  >;

const startBilling = async ({ billingPort }: DemoOptions): Promise<Billing> => {
  const { startBillingDemo } = await billingModule();
  return startBillingDemo({
    port: await freePort(billingPort),
    dataDirectory: path.join(dataDirectory, 'billing'),
    pricesFile: path.resolve('billing/demo/prices.yml'),
    nodeId: NODE_ID,
    apiToken,
    log: (line) => console.error(line),
  });
};

const startGateway = ({ config, port, adminPort, preferKong }: DemoOptions, billing: Billing | undefined) =>
  startGovernedDemo({
    configFile: path.resolve(config),
    dataDirectory,
    proxyPort: port,
    adminPort,
    serverPorts: { mcp: 9101, rest: 9102 },
    managementPort: 8110,
    preferKong,
    ...(billing === undefined ? {} : { metering: { url: billing.url, token: billing.nodeToken, nodeId: NODE_ID } }),
  });

const STAND_IN = `This is the local gateway, a development stand-in for Kong: the same kong.yml, the real plugin server, the real guard.
Production is Kong 3.9: put a kong on PATH and npm start uses it, or run docker compose up --build.`;

const tour = async (demo: GovernedDemo, billing: Billing | undefined): Promise<void> => {
  console.log('');
  const print = (line: string): void => console.log(line);
  const shown = await runTour({
    proxyUrl: demo.proxyUrl,
    recordsFile: demo.recordsFile,
    print,
    executed: (tool) => demo.mcpServer.countCalls(tool),
    managementUrl: demo.managementUrl,
    changeDescription: (tool, description) => demo.mcpServer.changeDescription(tool, description),
  });
  if (billing === undefined) return;
  const { runBillingTour } = await billingModule();
  await runBillingTour({ billing, apiToken, recordIds: shown.map(({ id }) => id), print });
};

const welcome = (demo: GovernedDemo, billing: Billing | undefined): string => `
Running on ${demo.engine}. Try it yourself (keys are in kong.yml):

  curl -s ${demo.proxyUrl}/commerce/products -H 'apikey: test-key-globex-agent'
  npx @modelcontextprotocol/inspector --cli ${demo.proxyUrl}/mcp/orders --header 'apikey: test-key-acme-support' --method tools/list

  MCP server   ${demo.proxyUrl}/mcp/orders     REST API   ${demo.proxyUrl}/commerce
  Admin API    ${demo.adminUrl}                 Management ${demo.managementUrl}
${billing === undefined ? '' : `  Billing API  ${billing.url}                 Invoices   ${billing.stripeDouble.url}/dashboard\n`}  Records      ${demo.recordsFile}

Stop with Ctrl-C.`;

/** Everything else runs already: who only wants the gateway need not wait for it. */
const showPortal = async (demo: GovernedDemo, billing: Billing | undefined): Promise<void> => {
  const began = Date.now();
  const databaseUrl = await billing?.databaseNamed('portal');
  const portal = await lifetime.start(() =>
    startPortal({
      root: process.cwd(),
      demo,
      dataDirectory,
      port: options.portalPort,
      managementToken: MANAGEMENT_TOKEN,
      ...(billing === undefined ? {} : { billing: { url: billing.url, token: apiToken } }),
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      print: (line) => console.log(line),
    }),
  );
  const url = await portal.ready;
  if (lifetime.isEnding) return;
  if (url === undefined) return console.log('\nThe portal could not be started; everything else goes on.');
  console.log(`\nThe portal is at ${url} (${((Date.now() - began) / 1000).toFixed(0)} s after the gateway): sign in as Anna,
Otto, Fiona or Gwen. From now on the gateway takes its policy from there.`);
};

const lifetime = createLifetime();

const stop = (): void => void lifetime.end().then(() => process.exit(0), fail);

const main = async (): Promise<void> => {
  if (options.help) return console.log(HELP);
  mkdirSync(dataDirectory, { recursive: true });
  // Not once: one Ctrl-C comes from the terminal, from npm and from setup/start.mjs, and the second would end us at once.
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const billing = options.withBilling ? await lifetime.start(() => startBilling(options)) : undefined;
    const demo = await lifetime.start(() => startGateway(options, billing));
    if (demo.engine === 'local gateway') console.log(`\n${STAND_IN}`);
    if (options.withTour) await tour(demo, billing);
    if (options.once) return stop();
    console.log(welcome(demo, billing));
    if (options.withPortal) await showPortal(demo, billing);
  } catch (error) {
    const wasToldToStop = lifetime.isEnding;
    await lifetime.end();
    if (!wasToldToStop) throw error;
  }
};

/** The gateway's own message names its own flags; here the flag is --port. */
const explain = (error: unknown): unknown => {
  const busy = error instanceof Error ? /^Port (\d+)\b.* is in use/.exec(error.message) : null;
  if (busy === null) return error;
  const option = busy[1] === String(options.adminPort) ? '--admin-port 8011' : '--port 8010';
  return `Port ${busy[1] ?? ''} is in use: stop what listens there, or choose another with: npm start -- ${option}`;
};

main().catch((error: unknown) => fail(explain(error)));
