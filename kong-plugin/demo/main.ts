import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startGovernedDemo, type GovernedDemo } from './governed-demo.ts';
import { startPortal } from './portal-process.ts';
import { MANAGEMENT_TOKEN, runTour } from './tour.ts';

const HELP = `npm start -- [options]

  --port <n>         proxy port (default 8000)
  --admin-port <n>   Admin API port (default 8001)
  --config <file>    declarative configuration (default kong.yml)
  --data <folder>    sockets, keys and records (default .data)
  --portal-port <n>  port of the portal (default 7007)
  --no-portal        leave the Backstage portal out (1.7 GB, minutes the first time)
  --no-kong          use the local gateway even when a kong is on PATH
  --no-tour          start, but do not call anything
  --once             stop after the tour
  --help             this text
`;

const fail = (error: unknown): never => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
};

const readOptions = () => {
  try {
    return parseArgs({
      options: {
        port: { type: 'string', default: '8000' },
        'admin-port': { type: 'string', default: '8001' },
        config: { type: 'string', default: 'kong.yml' },
        data: { type: 'string', default: '.data' },
        'portal-port': { type: 'string', default: '7007' },
        'no-portal': { type: 'boolean', default: false },
        'no-kong': { type: 'boolean', default: false },
        'no-tour': { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  }
};

const values = readOptions();

const port = (name: 'port' | 'admin-port' | 'portal-port'): number => {
  const value = Number(values[name]);
  return Number.isInteger(value) && value >= 0 && value < 65_536
    ? value
    : fail(`--${name} must be a port between 0 and 65535, and is ${values[name]}.`);
};

const start = async (): Promise<GovernedDemo> => {
  const dataDirectory = path.resolve(values.data);
  mkdirSync(dataDirectory, { recursive: true });
  return startGovernedDemo({
    configFile: path.resolve(values.config),
    dataDirectory,
    proxyPort: port('port'),
    adminPort: port('admin-port'),
    serverPorts: { mcp: 9101, rest: 9102 },
    managementPort: 8110,
    preferKong: !values['no-kong'],
  });
};

const STAND_IN = `This is the local gateway, a development stand-in for Kong: the same kong.yml, the real plugin server, the real guard.
Production is Kong 3.9: put a kong on PATH and npm start uses it, or run docker compose up --build.`;

const tour = async (demo: GovernedDemo): Promise<void> => {
  console.log('');
  await runTour({
    proxyUrl: demo.proxyUrl,
    recordsFile: demo.recordsFile,
    print: (line) => console.log(line),
    executed: (tool) => demo.mcpServer.countCalls(tool),
    managementUrl: demo.managementUrl,
    changeDescription: (tool, description) => demo.mcpServer.changeDescription(tool, description),
  });
};

const welcome = (demo: GovernedDemo): string => `
Running on ${demo.engine}. Try it yourself (keys are in kong.yml):

  curl -s ${demo.proxyUrl}/commerce/products -H 'apikey: test-key-globex-agent'
  npx @modelcontextprotocol/inspector --cli ${demo.proxyUrl}/mcp/orders --header 'apikey: test-key-acme-support' --method tools/list

  MCP server   ${demo.proxyUrl}/mcp/orders     REST API   ${demo.proxyUrl}/commerce
  Admin API    ${demo.adminUrl}                 Management ${demo.managementUrl}
  Records      ${demo.recordsFile}

Stop with Ctrl-C.`;

const main = async (): Promise<void> => {
  if (values.help) return console.log(HELP);
  const demo = await start();
  if (demo.engine === 'local gateway') console.log(`\n${STAND_IN}`);
  const closers: (() => Promise<void>)[] = [() => demo.close()];
  const stop = (): void => void Promise.allSettled(closers.map((close) => close())).then(() => process.exit(0));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  if (!values['no-tour']) await tour(demo);
  if (values.once) return stop();
  console.log(welcome(demo));
  if (!values['no-portal']) await showPortal(demo, closers);
};

/** Everything else runs already: who only wants the gateway need not wait for it. */
const showPortal = async (demo: GovernedDemo, closers: (() => Promise<void>)[]): Promise<void> => {
  const began = Date.now();
  const portal = startPortal({
    root: process.cwd(),
    demo,
    dataDirectory: path.resolve(values.data),
    port: port('portal-port'),
    managementToken: MANAGEMENT_TOKEN,
    print: (line) => console.log(line),
  });
  closers.push(() => portal.close());
  const url = await portal.ready;
  if (url === undefined) return console.log('\nThe portal could not be started; everything else goes on.');
  console.log(`\nThe portal is at ${url} (${((Date.now() - began) / 1000).toFixed(0)} s after the gateway): sign in as Anna,
Otto, Fiona or Gwen. From now on the gateway takes its policy from there.`);
};

/** The gateway's own message names its own flags; here the flag is --port. */
const explain = (error: unknown): unknown => {
  const busy = error instanceof Error ? /^Port (\d+)\b.* is in use/.exec(error.message) : null;
  if (busy === null) return error;
  const option = busy[1] === values['admin-port'] ? '--admin-port 8011' : '--port 8010';
  return `Port ${busy[1] ?? ''} is in use: stop what listens there, or choose another with: npm start -- ${option}`;
};

main().catch((error: unknown) => fail(explain(error)));
