import path from 'node:path';
import { parseCommandLine, usage } from './command-line.ts';
import { startLocalGateway, type LocalGateway } from './local-gateway.ts';

const warning =
  'WARNING: this is the local gateway, a development stand-in for Kong. It reads the same kong.yml, runs the real plugin ' +
  'server and the real guard, and behaves like Kong 3.9 for what they need; it is not made for load, for strangers or for ' +
  'production. In production run Kong: install it, and "npm start" uses it instead.';

const write = (line: string): void => void process.stderr.write(`${line}\n`);

const main = async (): Promise<number> => {
  const commandLine = parseCommandLine(process.argv.slice(2), process.env);
  if (!commandLine.ok) {
    write(commandLine.error);
    return 2;
  }
  const { help, config, prefix, proxyPort, adminPort } = commandLine.value;
  if (help) {
    process.stdout.write(usage);
    return 0;
  }
  write(`\n${'*'.repeat(80)}\n${warning}\n${'*'.repeat(80)}\n`);
  const gateway = await startLocalGateway({
    config: path.resolve(config),
    prefix: path.resolve(prefix),
    proxyPort,
    adminPort,
    log: write,
  });
  write(`Proxy ${gateway.proxyUrl}, Admin API ${gateway.adminUrl}, configuration ${config}`);
  await signalled(gateway);
  return 0;
};

/** SIGHUP is left alone: a reload goes through `POST /config`. */
const signalled = (gateway: LocalGateway): Promise<void> =>
  new Promise((resolve) => {
    const stop = (): void => void gateway.close().finally(resolve);
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    write(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
