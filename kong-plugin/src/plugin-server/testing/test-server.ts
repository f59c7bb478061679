import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type net from 'node:net';
import kongPdk from 'kong-pdk/lib/mod.js';
import type { GovernanceServerOptions } from '../governance-server.ts';
import { GovernanceServer } from '../governance-server.ts';
import { ConnectionSet } from '../connection-set.ts';
import { createLogger } from '../logger.ts';
import type { JudgedRequest, Judgement, KongFunction, PluginClass } from '../plugin-contract.ts';
import { RpcConnection } from '../rpc-connection.ts';
import { listenOnSocket } from '../socket-listener.ts';

export type Handler = (kong: KongFunction) => unknown;

/** Phases of a plugin written as functions. */
export interface TestPlugin {
  readonly name?: string;
  readonly schema?: readonly object[];
  /** The constructor. */
  readonly start?: (config: Readonly<Record<string, unknown>>) => void;
  readonly access?: Handler;
  readonly response?: Handler;
  readonly log?: Handler;
  readonly judge?: (request: JudgedRequest) => Promise<Judgement>;
  readonly close?: (config: Readonly<Record<string, unknown>>) => unknown;
  readonly shutdown?: () => void | Promise<void>;
}

export interface TestServerOptions extends Partial<Omit<GovernanceServerOptions, 'logger' | 'plugins'>> {
  readonly plugin: TestPlugin;
  readonly maximumMessageBytes?: number;
}

export interface TestServer {
  readonly server: GovernanceServer;
  readonly socketPath: string;
  /** Lines written by the logger, at level debug. */
  readonly logLines: readonly string[];
  readonly connections: ConnectionSet;
  readonly close: () => Promise<void>;
}

/** Our server in this process, on a socket in a directory of its own. */
export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const { plugin, maximumMessageBytes, ...serverOptions } = options;
  const logLines: string[] = [];
  const logger = createLogger({ level: 'debug', write: (line) => logLines.push(line), now: Date.now });
  const server = new GovernanceServer({ ...serverOptions, plugins: [createModule(plugin)], logger });
  const directory = await makeDirectory();
  const socketPath = path.join(directory, 's.sock');
  const connections = new ConnectionSet();
  const now = options.now === undefined ? {} : { now: options.now };
  const limit = maximumMessageBytes === undefined ? {} : { maximumMessageBytes };
  const onConnection = (socket: net.Socket) =>
    connections.add(socket, new RpcConnection({ socket, server, logger, ...now, ...limit }));
  const listener = await listenOnSocket({ socketPath, takeOver: false, logger, onConnection });
  if (!listener.ok) throw new Error(listener.error);
  const close = async () => {
    connections.destroy();
    await listener.value.close();
    server.close();
    await fs.rm(directory, { recursive: true, force: true });
  };
  return { server, socketPath, logLines, connections, close };
}

/** Short, because a Unix socket's path holds about 100 bytes. */
export const makeDirectory = (): Promise<string> => fs.mkdtemp(path.join(os.tmpdir(), 'mg-'));

export const createModule = (plugin: TestPlugin) =>
  new kongPdk.Module(plugin.name ?? 'mcp-governance', undefined, {
    Version: '0.1.0',
    Priority: 850,
    Schema: plugin.schema ?? [],
    Plugin: createClass(plugin),
  });

function createClass(plugin: TestPlugin): PluginClass {
  class TestPluginClass {
    static readonly shutdown = plugin.shutdown;
    private readonly config: Readonly<Record<string, unknown>>;
    constructor(config: Readonly<Record<string, unknown>>) {
      this.config = config;
      plugin.start?.(config);
    }
    close(): unknown {
      return plugin.close?.(this.config);
    }
  }
  for (const phase of ['access', 'response', 'log', 'judge'] as const) {
    const handler = plugin[phase];
    if (handler !== undefined) Object.assign(TestPluginClass.prototype, { [phase]: handler });
  }
  return TestPluginClass as unknown as PluginClass;
}
