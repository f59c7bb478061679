import path from 'node:path';
import type { Module } from 'kong-pdk/lib/mod.js';
import packageJson from '../../package.json' with { type: 'json' };
import type { Result } from '../domain/result.ts';
import type { CommandLine } from './command-line.ts';
import { parseCommandLine, usage } from './command-line.ts';
import { GovernanceServer } from './governance-server.ts';
import { loadBuiltIn, loadDirectory } from './load-plugins.ts';
import type { Logger } from './logger.ts';
import { createLogger } from './logger.ts';
import type { PluginModule } from './plugin-contract.ts';
import { isStartedByKong, onStopSignal, surviveStrayErrors, watchParent } from './process-life.ts';
import { ConnectionSet } from './connection-set.ts';
import { RpcConnection } from './rpc-connection.ts';
import type { SocketListener } from './socket-listener.ts';
import { listenOnSocket } from './socket-listener.ts';

/** What the built-in plugin gets from its process. */
export interface PluginEnvironment {
  /** Kong's prefix directory. */
  readonly prefix: string;
  /** `--log-phase`. */
  readonly hasLogPhase: boolean;
  readonly logger: Logger;
}

export interface PluginServerOptions {
  /** Makes the plugin that is served unless `--plugins-directory` is given. Also called to print its information. */
  readonly builtIn: (environment: PluginEnvironment) => PluginModule;
  /** Without `node` and the script. */
  readonly argv: readonly string[];
}

/** The whole program: reads the flags, then prints information or serves until a signal. */
export async function runPluginServer({ builtIn, argv }: PluginServerOptions): Promise<void> {
  ignoreBrokenPipes();
  const commandLine = parseCommandLine(argv);
  if (!commandLine.ok) {
    exitWith(`${commandLine.error}\n${usage}`);
    return;
  }
  const { action, pluginsDirectory, prefix, hasLogPhase, level } = commandLine.value;
  if (action.kind === 'help') return print(usage);
  if (action.kind === 'version') return print(`${packageJson.version}\n`);
  const logger = createStderrLogger(level);
  const modules =
    pluginsDirectory === undefined
      ? loadBuiltIn(() => builtIn({ prefix, hasLogPhase, logger }))
      : loadDirectory(pluginsDirectory);
  if (!modules.ok) exitWith(modules.error);
  else if (action.kind === 'dump') await dump(modules.value, { name: action.name, logger });
  else await serve(modules.value, { commandLine: commandLine.value, logger });
}

/** Only JSON goes to stdout: Kong decodes all of it. One plugin is a list too, because Kong reads the first element. */
async function dump(
  modules: readonly Module[],
  { name, logger }: { readonly name: string | undefined; readonly logger: Logger },
): Promise<void> {
  const chosen = name === undefined ? modules : modules.filter((module) => module.name === name.toLowerCase());
  if (chosen.length === 0) {
    exitWith(`there is no plugin named "${name ?? ''}"`);
    return;
  }
  const server = new GovernanceServer({ plugins: chosen, logger });
  const information = await Promise.all(chosen.map((module) => server.GetPluginInfo(module.name)));
  print(`${JSON.stringify(information)}\n`);
}

interface ServeOptions {
  readonly commandLine: CommandLine;
  readonly logger: Logger;
}

async function serve(modules: readonly Module[], { commandLine, logger }: ServeOptions): Promise<void> {
  surviveStrayErrors(process, logger);
  const server = new GovernanceServer({ plugins: modules, logger });
  const startedByKong = isStartedByKong(process.ppid);
  const connections = new ConnectionSet();
  const listening = await listenOnSocket({
    socketPath: commandLine.socketPath,
    takeOver: commandLine.replace || startedByKong,
    logger,
    onConnection: (socket) => connections.add(socket, new RpcConnection({ socket, server, logger })),
  });
  reportStart(listening, { logger, commandLine, modules });
  if (!listening.ok) return;
  const stop = () => void stopServing({ server, listener: listening.value, connections, logger });
  onStopSignal(process, { stop, abort: () => process.exit(1) });
  if (startedByKong || commandLine.exitWithParent) {
    const isReplaced = async () => !(await listening.value.isCurrent());
    leaveWhenReplaced(isReplaced, connections);
    watchParent({ host: process, logger, isReplaced, onGone: stop });
  }
}

const REPLACED_CHECK_MS = 500;

/**
 * At `kong reload` new workers still find connections to this process. They would mix them with those to the successor in one
 * pool, and start every instance again at each switch.
 */
function leaveWhenReplaced(isReplaced: () => Promise<boolean>, connections: ConnectionSet): void {
  const timer = setInterval(() => {
    void isReplaced().then((replaced) => {
      if (!replaced) return;
      clearInterval(timer);
      connections.leave();
    });
  }, REPLACED_CHECK_MS).unref();
}

interface Start extends ServeOptions {
  readonly modules: readonly Module[];
}

function reportStart(listening: Result<SocketListener, string>, { logger, commandLine, modules }: Start): void {
  if (!listening.ok) {
    exitWith(listening.error);
    return;
  }
  const plugins = modules.map((module) => module.name).join(', ');
  logger.info('plugin server started', {
    version: packageJson.version,
    plugins,
    socket: path.basename(commandLine.socketPath),
    pid: process.pid,
  });
}

/** Requests in flight need milliseconds. An event that Kong dropped without a word stays open, so the wait is bounded. */
const DRAIN_MS = 1_000;
const DRAIN_STEP_MS = 20;

/** A container is killed 10 s after SIGTERM by default; a plugin that cannot flush by then loses the rest either way. */
const SHUTDOWN_MS = 8_000;

interface Running {
  readonly server: GovernanceServer;
  readonly listener: SocketListener;
  readonly connections: ConnectionSet;
  readonly logger: Logger;
}

async function stopServing({ server, listener, connections, logger }: Running): Promise<void> {
  logger.info('stopping', { openEvents: server.openEvents });
  await listener.close();
  connections.leave();
  for (let waited = 0; waited < DRAIN_MS && server.openEvents > 0; waited += DRAIN_STEP_MS) await pause(DRAIN_STEP_MS);
  // What nobody answers Kong's side sends again; what came after the plugin's files are closed would be lost.
  connections.destroy();
  const finished = await Promise.race([server.shutdown().then(() => true), pause(SHUTDOWN_MS).then(() => false)]);
  if (!finished) logger.error('the plugin did not finish its shutdown in time', { milliseconds: SHUTDOWN_MS });
  process.exit(finished ? 0 : 1);
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const createStderrLogger = (level: 'info' | 'debug'): Logger =>
  createLogger({ level, write: (line) => void process.stderr.write(line), now: Date.now });

/** Kong's end of the pipes closes when its worker dies; that must not end requests of other workers. */
function ignoreBrokenPipes(): void {
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
}

/** A plugin module may have left a timer behind; Kong waits for this process to end. */
function print(text: string): void {
  process.stdout.write(text, () => process.exit(0));
}

function exitWith(problem: string): void {
  process.stderr.write(`mcp-governance-pluginserver: ${problem.trimEnd()}\n`, () => process.exit(1));
}
