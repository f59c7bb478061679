import { setTimeout as sleep } from 'node:timers/promises';
import type { HostTable, LuaTable, LuaValue, LuaVm } from '../lua/lua-vm.ts';
import type { Result } from '../../src/domain/result.ts';
import { withoutNil } from '../plugin-server/without-nil.ts';
import type { RequestState } from '../proxy/request-state.ts';
import { asText, describeError } from '../shared/errors.ts';
import type { LuaData } from '../shared/lua-data.ts';
import { packageFile } from '../shared/package-file.ts';
import type { PluginConfig } from '../shared/plugin-config.ts';
import type { LuaSockets, SocketResult } from './lua-sockets.ts';

/** The plugin server, for Lua that runs in timers or in place of an access phase. */
export interface BackgroundServer {
  readonly socket: string;
  readonly sockets: LuaSockets;
  /** Starts an instance that this gateway does not know of, as a Lua plugin may do on Kong. */
  readonly startInstance: (config: PluginConfig) => Promise<Result<unknown, string>>;
  readonly instanceId: (config: PluginConfig) => Promise<number>;
  readonly forgetInstances: () => void;
}

/** The request whose access phase runs in Lua. */
export interface AccessThread {
  /** `ngx`, `kong.ctx` and the PDK mean this request inside. */
  readonly within: (call: () => void) => void;
  /** Kong's own access phase of the plugin. */
  readonly original: () => Promise<void>;
}

interface Running {
  readonly thread?: AccessThread;
  readonly settle?: { readonly resolve: () => void; readonly reject: (error: unknown) => void };
}

type Parameters = readonly [name: LuaValue, argument: LuaValue];

/** Threads of one Lua VM, and what they may wait for: the host's half of `lua/background.lua`. */
export class LuaBackground {
  private readonly timers = new Map<number, NodeJS.Timeout>();
  private readonly running = new Map<number, Running>();
  private readonly configs = new Map<string, PluginConfig>();
  private server: BackgroundServer | undefined;
  private ending = false;
  private whenIdle: (() => void) | undefined;
  private vm: LuaVm | undefined;
  private lua: LuaTable | undefined;

  constructor(private readonly log: (line: string) => void) {}

  get isEnding(): boolean {
    return this.ending;
  }

  /** What `require "local-gateway.background"` finds. */
  readonly module: HostTable = {
    start: (id, delay) => this.start(Number(id), Number(delay)),
    wait: (id, operation, name, argument) => this.wait(Number(id), asText(operation), [name, argument]),
    done: (id) => this.done(Number(id)),
    socket: () => this.server?.socket,
    fail: (message) => {
      this.log(`[error] lua entry thread aborted: ${asText(message)}, context: ngx.timer`);
      return undefined;
    },
  };

  install(vm: LuaVm): void {
    this.vm = vm;
    this.lua = vm.loadPlugin(packageFile('local-gateway/lua/background.lua'));
  }

  connect(server: BackgroundServer): void {
    this.server = server;
  }

  /** Puts a plugin of the plugin server and its configuration where Kong's plugins iterator has them. */
  collect(name: string, config: PluginConfig, request: RequestState): void {
    this.configs.set(config.__plugin_id, config);
    const context = request.tables.context as unknown as LuaTable;
    this.call('collect', context, name, config.__plugin_id, config.__seq__);
  }

  /** Runs the access phase that Lua has for the plugin: Kong's own, unless a Lua plugin has put its function there. */
  access(name: string, config: PluginConfig, thread: AccessThread): Promise<void> {
    const id = this.call('access', name, config.__plugin_id, config.__seq__);
    if (typeof id !== 'number') return thread.original();
    return new Promise((resolve, reject) => {
      this.running.set(id, { thread, settle: { resolve, reject } });
      this.resume(id, []);
    });
  }

  /** As an nginx worker that ends: waiting timers run at once, and are told so. */
  async end(withinMs: number): Promise<void> {
    this.ending = true;
    for (const [id, timer] of this.timers) {
      clearTimeout(timer);
      this.run(id, true);
    }
    if (this.running.size > 0)
      await Promise.race([
        new Promise<void>((resolve) => (this.whenIdle = resolve)),
        new Promise<void>((resolve) => setTimeout(resolve, withinMs).unref()),
      ]);
    this.vm = undefined;
  }

  private start(id: number, delaySeconds: number): undefined {
    this.timers.set(
      id,
      setTimeout(() => this.run(id, false), delaySeconds * 1_000),
    );
  }

  private run(id: number, isPremature: boolean): void {
    this.timers.delete(id);
    this.running.set(id, {});
    this.resume(id, [isPremature]);
  }

  private done(id: number): undefined {
    this.running.get(id)?.settle?.resolve();
    this.forget(id);
  }

  private forget(id: number): void {
    this.running.delete(id);
    if (this.running.size === 0) this.whenIdle?.();
  }

  private call(method: string, ...parameters: readonly LuaValue[]): LuaValue {
    return this.vm === undefined || this.lua === undefined
      ? undefined
      : this.vm.callMethod(this.lua, method, ...parameters);
  }

  private resume(id: number, results: readonly LuaValue[]): void {
    const { thread, settle } = this.running.get(id) ?? {};
    try {
      if (thread === undefined) this.call('resume', id, ...results);
      else thread.within(() => void this.call('resume', id, ...results));
    } catch (error) {
      // Only a request's thread throws: its phase has ended, or failed.
      this.forget(id);
      settle?.reject(error);
    }
  }

  private wait(id: number, operation: string, parameters: Parameters): undefined {
    this.perform(id, operation, parameters).then(
      (results) => this.resume(id, results),
      (error: unknown) => this.fail(id, error),
    );
  }

  /** What would be a Lua error where Kong's code runs: of a request it is the request's; a timer is told, and goes on. */
  private fail(id: number, error: unknown): void {
    const settle = this.running.get(id)?.settle;
    if (settle === undefined) return this.resume(id, [undefined, describeError(error)]);
    this.forget(id);
    settle.reject(error);
  }

  private async perform(id: number, operation: string, parameters: Parameters): Promise<SocketResult> {
    const [name, argument] = parameters;
    if (operation === 'sleep') return [await sleep(Number(argument) * 1_000, true)];
    if (operation === 'access') {
      await this.running.get(id)?.thread?.original();
      return [true];
    }
    if (this.server === undefined) throw new Error('there is no plugin server');
    return performOnServer(operation, parameters, this.server, this.configs.get(asText(name)));
  }
}

const performOnServer = async (
  operation: string,
  [name, argument]: Parameters,
  { sockets, startInstance, instanceId, forgetInstances }: BackgroundServer,
  config: PluginConfig | undefined,
): Promise<SocketResult> => {
  switch (operation) {
    case 'connect':
      return sockets.connect();
    case 'send':
      return sockets.send(Number(name), argument as readonly LuaData[]);
    case 'receive':
      return sockets.receive(Number(name), Number(argument));
    case 'keep':
      return sockets.keep(Number(name));
    case 'close':
      return sockets.close(Number(name));
    case 'forget_instances':
      forgetInstances();
      return [true];
  }
  if (config === undefined) throw new Error(`there is no plugin ${asText(name)}`);
  if (operation === 'instance') return [await instanceId(config)];
  const started = await startInstance(config);
  return started.ok ? [withoutNil(started.value)] : [undefined, started.error];
};
