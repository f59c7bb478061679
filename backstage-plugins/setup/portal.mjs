// `npm start` in this folder, and a child of the project's own `npm start`: installs, builds and starts the portal.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildApp } from './build-app.mjs';
import { startDatabase } from './database.mjs';
import { demoSecrets } from './demo-secrets.mjs';
import { freePort } from './free-port.mjs';
import { installPortal } from './install.mjs';
import { dataFolder, fail, portalRoot, runCommand, seconds } from './portal-root.mjs';
import { startBackend } from './start-backend.mjs';
import { endWithUs, isStopping, stopEverything, stopOnSignals } from './stopping.mjs';

const HELP = `node backstage-plugins/setup/portal.mjs [options]

  --port <n>       port of the portal, 0 for any free one (default PORTAL_PORT or 7007)
  --data <folder>  its log, and its database when DATABASE_URL is not set (default backstage-plugins/.data)
  --config <file>  one more configuration file, relative to the folder you are in; may be repeated
  --no-demo        without the demo's people and sign-in: your --config brings its own
  --prepare        install and build, do not start
  --help           this text

Environment: DATABASE_URL, KONG_ADMIN_URL, KONG_ADMIN_TOKEN, KONG_DECLARATIVE_FILE, GATEWAY_URL, GATEWAY_MANAGEMENT_URL,
GATEWAY_MANAGEMENT_TOKEN, BILLING_URL, BILLING_TOKEN, POLICY_BASE_FILE, TOOL_CATALOG_ENCRYPTION_KEY,
TOOL_CATALOG_POLICY_SECRET, TOOL_CATALOG_POLICY_TOKEN (made and kept in the data folder when not set), PORTAL_HOST
(default 127.0.0.1), PORTAL_URL (where browsers find it, when that is another address). README.md says what each is for.
When started as a child process with an IPC channel it sends {"type":"ready","url":...}.
`;

const print = (line) => process.stdout.write(`${line}\n`);

await runCommand(async () => {
  const options = readOptions();
  if (options.help) return print(HELP);
  stopOnSignals();
  const startedAt = Date.now();
  await installPortal(print);
  await buildApp(print);
  if (options.prepare) return;
  const portal = await start(options);
  print(`\nPortal   ${portal.url}   (ready ${seconds(startedAt)} after the command; log: ${portal.logFile})`);
  process.send?.({ type: 'ready', url: portal.url });
});

function readOptions() {
  try {
    return parseArgs({
      options: {
        port: { type: 'string', default: process.env.PORTAL_PORT ?? '7007' },
        data: { type: 'string', default: dataFolder },
        config: { type: 'string', multiple: true, default: [] },
        'no-demo': { type: 'boolean', default: false },
        prepare: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return fail(`${error.message}\n\n${HELP}`);
  }
}

async function start(options) {
  const host = process.env.PORTAL_HOST ?? '127.0.0.1';
  const port = await choosePort(options.port, host);
  const data = path.resolve(options.data);
  const database = process.env.DATABASE_URL === undefined ? await startDatabase(data) : undefined;
  if (database !== undefined) endWithUs(database.stop);
  const url = `http://${host}:${port}`;
  const logFile = path.join(data, 'portal.log');
  print('Starting the portal (about 10 seconds) ...');
  const { ended } = await startBackend({
    url,
    logFile,
    configs: configsOf(options),
    ...(options['no-demo'] ? {} : { person: 'dev-anna' }),
    env: {
      PORTAL_PORT: String(port),
      PORTAL_HOST: host,
      PORTAL_URL: process.env.PORTAL_URL ?? url,
      // The demo's sign-in starts in development only; an explicit NODE_ENV wins.
      NODE_ENV: process.env.NODE_ENV ?? 'development',
      ...demoSecrets(data),
      ...(database === undefined ? {} : { DATABASE_URL: database.url }),
    },
  });
  void ended.then(async (how) => {
    if (!isStopping()) print(`The portal ended (${how}); its log: ${logFile}`);
    await stopEverything();
    process.exit(typeof how === 'number' ? how : how === 'SIGINT' || how === 'SIGTERM' ? 0 : 1);
  });
  return { url, logFile };
}

function configsOf(options) {
  return [
    path.join(portalRoot, 'app-config.yaml'),
    ...(options['no-demo'] ? [] : [path.join(portalRoot, 'app-config.demo.yaml')]),
    ...options.config.map((file) => path.resolve(file)),
  ];
}

async function choosePort(text, host) {
  const wanted = Number(text);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535)
    return fail(`--port must be a port between 0 and 65535, and is ${text}.`);
  return (
    (await freePort(wanted, host)) ??
    fail(
      `Port ${wanted} is in use: stop what listens there, or choose another with --port ${wanted + 1} (in the project's root --portal-port ${wanted + 1}).`,
    )
  );
}
