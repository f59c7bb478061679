import type { HostTable, LuaTable, LuaValue, LuaVm } from '../lua/lua-vm.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { success, type Result } from '../../src/domain/result.ts';
import type { Packable } from '../plugin-server/message-pack.ts';
import { withoutNil } from '../plugin-server/without-nil.ts';
import type { RequestState } from '../proxy/request-state.ts';
import { asText, describeError } from '../shared/errors.ts';
import { packageFile } from '../shared/package-file.ts';
import type { PluginConfig } from '../shared/plugin-config.ts';

/** The plugin server, for Lua that runs in timers. */
export interface BackgroundRpc {
  call(method: string, argument?: Packable): Promise<Result<unknown, string>>;
  /** Starts an instance that this gateway does not know of, as a Lua plugin may do on Kong. */
  startInstance(config: PluginConfig): Promise<Result<unknown, string>>;
}

type Results = readonly LuaValue[];

/** Timers of one Lua VM, and what they may wait for: the host's half of `lua/background.lua`. */
export class LuaBackground {
  private readonly timers = new Map<number, NodeJS.Timeout>();
  private readonly running = new Set<number>();
  private readonly configs = new Map<string, PluginConfig>();
  private rpc: BackgroundRpc | undefined;
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
    wait: (id, operation, name, argument) => this.wait(Number(id), asText(operation), [asText(name), argument]),
    done: (id) => this.done(Number(id)),
    fail: (message) => {
      this.log(`[error] lua entry thread aborted: ${asText(message)}, context: ngx.timer`);
      return undefined;
    },
  };

  install(vm: LuaVm): void {
    this.vm = vm;
    this.lua = vm.loadPlugin(packageFile('local-gateway/lua/background.lua'));
  }

  connect(rpc: BackgroundRpc): void {
    this.rpc = rpc;
  }

  /** Puts a plugin of the plugin server and its configuration where Kong's plugins iterator has them. */
  collect(name: string, config: PluginConfig, request: RequestState): void {
    this.configs.set(config.__plugin_id, config);
    const context = request.tables.context as unknown as LuaTable;
    if (this.lua !== undefined) this.vm?.callMethod(this.lua, 'collect', context, name, config.__plugin_id);
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
    this.running.add(id);
    this.resume(id, [isPremature]);
  }

  private done(id: number): undefined {
    this.running.delete(id);
    if (this.running.size === 0) this.whenIdle?.();
  }

  private resume(id: number, results: Results): void {
    if (this.vm !== undefined && this.lua !== undefined) this.vm.callMethod(this.lua, 'resume', id, ...results);
  }

  private wait(id: number, operation: string, parameters: readonly [string, LuaValue]): undefined {
    this.perform(operation, parameters).then(
      (result) => this.resume(id, result.ok ? [withoutNil(result.value) as LuaValue] : [undefined, result.error]),
      (error: unknown) => this.resume(id, [undefined, describeError(error)]),
    );
  }

  private async perform(
    operation: string,
    [name, argument]: readonly [string, LuaValue],
  ): Promise<Result<unknown, string>> {
    if (operation === 'sleep') return success(await sleep(Number(argument) * 1_000, true));
    const config = this.configs.get(name);
    if (this.rpc === undefined) throw new Error('there is no plugin server');
    if (operation === 'start_instance' && config !== undefined) return this.rpc.startInstance(config);
    return this.rpc.call(name, argument);
  }
}
