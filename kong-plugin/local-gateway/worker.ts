import type { IncomingMessage, ServerResponse } from 'node:http';
import { createPdk, type Pdk } from './pdk/pdk.ts';
import { ConnectionPool } from './plugin-server/connection-pool.ts';
import { externalPlugin } from './plugin-server/external-plugin.ts';
import { PluginEvents } from './plugin-server/plugin-events.ts';
import type { PluginInfo } from './plugin-server/plugin-info.ts';
import { PluginInstances } from './plugin-server/plugin-instances.ts';
import { RpcClient } from './plugin-server/rpc-client.ts';
import { acl } from './plugins/acl.ts';
import { cors } from './plugins/cors.ts';
import { jwt } from './plugins/jwt.ts';
import { keyAuth } from './plugins/key-auth.ts';
import { localPdk } from './plugins/local-pdk.ts';
import { LuaHost } from './plugins/lua-host.ts';
import { functionPlugin, luaPlugin } from './plugins/lua-plugins.ts';
import { LuaSockets } from './plugins/lua-sockets.ts';
import type { PluginHandler } from './plugins/plugin-handler.ts';
import { requestTermination } from './plugins/request-termination.ts';
import type { Snapshot } from './plugins/snapshot.ts';
import { handleRequest } from './proxy/handle-request.ts';

export interface WorkerOptions {
  readonly snapshot: () => Snapshot;
  readonly nodeId: string;
  readonly prefix: string;
  readonly external: { readonly info: PluginInfo; readonly socket: string } | undefined;
  /** handler.lua of mcp-guard and the directory that `require` searches. */
  readonly guard: { readonly file: string; readonly searchPath: string } | undefined;
  readonly luaSocketReadTimeoutMs: number;
  readonly clientMaxBodyBytes: number;
  /** Makes every worker forget its plugin instances. */
  readonly forgetInstances: () => void;
  readonly log: (line: string) => void;
}

/** The guard delivers its last records. */
const LAST_TIMERS_MS = 2_000;

/** What one nginx worker has for itself: a Lua VM, a connection pool and a memory of plugin instances. */
export class Worker {
  private readonly pdk: Pdk;
  private readonly lua: LuaHost;
  private readonly handlers: readonly PluginHandler[];
  private readonly pool: ConnectionPool | undefined;
  /** The guard's own connections to the plugin server. */
  private guardPool: ConnectionPool | undefined;
  private instances: PluginInstances | undefined;

  constructor(private readonly options: WorkerOptions) {
    const { snapshot, nodeId, log } = options;
    this.pdk = createPdk({ nodeId, log, lookup: snapshot });
    this.lua = new LuaHost({
      pdk: this.pdk,
      prefix: options.prefix,
      log,
      groupsOf: (consumerId) => snapshot().groupsOf(consumerId),
      ...(options.guard === undefined ? {} : { searchPath: options.guard.searchPath }),
    });
    this.pool = options.external === undefined ? undefined : new ConnectionPool(options.external.socket);
    this.handlers = this.loadHandlers().sort(byPriority);
  }

  handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    return handleRequest(incoming, outgoing, {
      handlers: this.handlers,
      snapshot: this.options.snapshot(),
      pdk: this.pdk,
      newTable: () => this.lua.newTable(),
      clientMaxBodyBytes: this.options.clientMaxBodyBytes,
      log: this.options.log,
    });
  }

  /** After a reload: plugins learn all their configurations. */
  configure(snapshot: Snapshot): void {
    for (const handler of this.handlers) handler.configure?.(snapshot.plugins.configsOf(handler.name));
  }

  forgetInstances(): void {
    this.instances?.forgetAll();
  }

  async close(): Promise<void> {
    await this.lua.close(LAST_TIMERS_MS);
    this.pool?.close();
    this.guardPool?.close();
  }

  private loadHandlers(): PluginHandler[] {
    const call = localPdk(this.pdk);
    const auth = { call, snapshot: this.options.snapshot };
    const runner = {
      vm: this.lua.vm,
      runFor: this.lua.runFor.bind(this.lua),
    };
    const { guard } = this.options;
    return [
      functionPlugin('pre-function', 1_000_000, runner),
      cors(call),
      jwt(auth),
      keyAuth(auth),
      acl(auth),
      ...this.loadExternal(),
      ...(guard === undefined ? [] : [luaPlugin('mcp-guard', guard.file, runner)]),
      requestTermination(call),
      functionPlugin('post-function', -1_000, runner),
    ];
  }

  private loadExternal(): readonly PluginHandler[] {
    const { external, log, luaSocketReadTimeoutMs, forgetInstances } = this.options;
    if (external === undefined || this.pool === undefined) return [];
    const client = new RpcClient(this.pool, luaSocketReadTimeoutMs);
    const instances = new PluginInstances(external.info.name, client);
    this.instances = instances;
    this.guardPool = new ConnectionPool(external.socket);
    const { background } = this.lua;
    background.connect({
      socket: external.socket,
      sockets: new LuaSockets(this.guardPool, luaSocketReadTimeoutMs),
      startInstance: (config) => instances.startAnother(config),
      instanceId: (config) => instances.idFor(config),
      forgetInstances,
    });
    const events = new PluginEvents({ client, instances, forgetInstances, log });
    const luaPath = this.lua.callPath.bind(this.lua);
    return [
      externalPlugin(external.info, events, {
        ...{ pdk: this.pdk, luaPath, log },
        collect: (...plugin) => background.collect(...plugin),
        access: ({ name, config, request }, original) =>
          background.access(name, config, { within: (call) => this.lua.runFor(request, config, call), original }),
      }),
    ];
  }
}

const byPriority = (left: PluginHandler, right: PluginHandler): number =>
  right.priority - left.priority || (left.name < right.name ? 1 : -1);
