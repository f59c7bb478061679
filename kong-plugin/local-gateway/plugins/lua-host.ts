import {
  cjsonModule,
  indexed,
  live,
  LuaVm,
  ngxHelpers,
  returns,
  type HostFunction,
  type HostTable,
  type LuaTable,
  type LuaValue,
} from '../lua/lua-vm.ts';
import { nginxVariable } from '../pdk/nginx-variables.ts';
import { KONG_VERSION, type Pdk } from '../pdk/pdk.ts';
import { headerValues, Many, type PdkFunction, type PdkModule } from '../pdk/pdk-function.ts';
import { responseName, setHeader } from '../pdk/response-module.ts';
import type { RequestState } from '../proxy/request-state.ts';
import { asText, LuaError, PhaseExit } from '../shared/errors.ts';
import { fromWireText, type LuaData, type LuaTableLike } from '../shared/lua-data.ts';
import type { PluginConfig } from '../shared/plugin-config.ts';
import { LuaBackground } from './lua-background.ts';
import { ngxRequestFunctions } from './ngx-functions.ts';
import { schemaModules } from './schema-modules.ts';

export interface LuaHostOptions {
  readonly pdk: Pdk;
  readonly prefix: string;
  /** Directory of `kong/plugins/...`. */
  readonly searchPath?: string;
  readonly groupsOf: (consumerId: string) => readonly string[];
  readonly log: (line: string) => void;
}

/** One Lua VM, as every nginx worker has one, with Kong's globals bound to the request that runs. */
export class LuaHost {
  readonly vm: LuaVm;
  private readonly argument: LuaTable;
  readonly background: LuaBackground;
  private current: { readonly request: RequestState; readonly config?: PluginConfig } | undefined;

  constructor(options: LuaHostOptions) {
    this.background = new LuaBackground(options.log);
    const host = (call: PdkFunction): HostFunction => this.toHost(call);
    this.vm = new LuaVm({
      globals: { kong: kongTable(options, host, this.contextTable()), ngx: this.ngxTable(host, options) },
      modules: { ...modules(options), 'local-gateway.background': this.background.module },
      ...(options.searchPath === undefined ? {} : { searchPath: options.searchPath }),
    });
    this.argument = this.vm.newTable();
    this.background.install(this.vm);
    this.vm.run('setmetatable(kong.log, { __call = function(self, ...) return self.notice(...) end })');
  }

  newTable(): LuaTableLike {
    return this.vm.newTable() as unknown as LuaTableLike;
  }

  /** Runs Lua of one plugin; in a body filter `ngx.arg` is the request's chunk before and after. */
  runFor(request: RequestState, config: PluginConfig, call: () => void): void {
    this.within(request, config, () => {
      if (request.phase === 'body_filter') this.withArgument(request, call);
      else call();
    });
  }

  /** A function below `kong` that Lua defined, for the plugin server (`kong.mcp_guard.facts`); undefined: there is none. */
  callPath(request: RequestState, path: string, parameters: readonly LuaData[]): LuaData {
    let result: LuaData;
    this.within(request, undefined, () => {
      result = this.vm.callPath(path, parameters, leavePhase) as LuaData;
    });
    return result;
  }

  /** Lets timers finish first, for as long as they may take. */
  async close(withinMs: number): Promise<void> {
    await this.background.end(withinMs);
    this.vm.close();
  }

  private within(request: RequestState, config: PluginConfig | undefined, call: () => void): void {
    const outer = this.current;
    this.current = config === undefined ? { request } : { request, config };
    try {
      call();
    } finally {
      this.current = outer;
    }
  }

  private withArgument(request: RequestState, call: () => void): void {
    this.argument.set(1, request.chunk.data);
    this.argument.set(2, request.chunk.isLast);
    call();
    this.readArgument(request);
  }

  /** After `kong.response.set_raw_body` the chunk was replaced behind `ngx.arg`, and is put into it. */
  private readArgument(request: RequestState): void {
    const data = this.argument.get(1);
    const bytes =
      typeof data === 'string' ? Buffer.from(data, 'utf8') : data instanceof Uint8Array ? data : new Uint8Array();
    request.chunk = { data: bytes, isLast: this.argument.get(2) === true };
  }

  private toHost(call: PdkFunction): HostFunction {
    return (...parameters) => {
      const { request } = this.running();
      const before = request.chunk;
      const result = call(request, ...(parameters as readonly LuaData[]));
      if (request.chunk !== before) this.pushArgument(request);
      return result instanceof Many ? returns(...(result.values as LuaValue[])) : result;
    };
  }

  private pushArgument(request: RequestState): void {
    this.argument.set(1, request.chunk.data);
    this.argument.set(2, request.chunk.isLast);
  }

  private running(): { readonly request: RequestState; readonly config?: PluginConfig } {
    if (this.current === undefined) throw new LuaError('no request found');
    return this.current;
  }

  private contextTable(): HostTable {
    return {
      shared: live(() => this.running().request.tables.shared as unknown as LuaTable),
      plugin: live(() => this.namespace(this.running().config?.__plugin_id ?? '') as unknown as LuaTable),
      core: live(() => this.namespace('core') as unknown as LuaTable),
    };
  }

  private namespace(name: string): LuaTableLike {
    const { namespaces } = this.running().request;
    const known = namespaces.get(name);
    if (known !== undefined) return known;
    const table = this.newTable();
    namespaces.set(name, table);
    return table;
  }

  /** `ngx.header[name]`: a text, a list of several, or nil. */
  private responseHeader(name: string): LuaValue {
    const values = this.running().request.responseHeaders.get(responseName(name)).map(fromWireText);
    return values.length > 1 ? values : values[0];
  }

  /** nil takes the header away. */
  private setResponseHeader(name: string, value: LuaValue): void {
    const { request } = this.running();
    if (value === undefined) request.responseHeaders.delete(responseName(name));
    else setHeader(request, ...headerValues(name, value as LuaData));
  }

  private ngxTable(host: (call: PdkFunction) => HostFunction, options: LuaHostOptions): HostTable {
    return {
      ...ngxHelpers({ nowSeconds: () => Date.now() / 1_000 }),
      ...ngxRequestFunctions(host, options.log),
      worker: { id: () => 0, pid: () => process.pid, exiting: () => this.background.isEnding },
      ctx: live(() => this.running().request.tables.context as unknown as LuaTable),
      arg: live(() => this.argument),
      header: indexed(
        (name) => this.responseHeader(asText(name)),
        (name, value) => this.setResponseHeader(asText(name), value),
      ),
      var: indexed((key) => nginxVariable(this.running().request, asText(key))),
      status: live(
        () => this.running().request.status,
        (value) => {
          this.running().request.status = Number(value);
        },
      ),
      headers_sent: live(() => this.running().request.areHeadersSent),
    };
  }
}

const leavePhase = (): never => {
  throw new PhaseExit();
};

const kongTable = (options: LuaHostOptions, host: (call: PdkFunction) => HostFunction, ctx: HostTable): HostTable => {
  const table: Record<string, HostTable> = {};
  for (const [path, module] of Object.entries(options.pdk)) {
    const [first = '', second] = path.split('.');
    const functions = hostModule(module, host);
    table[first] = second === undefined ? { ...functions, ...table[first] } : { ...table[first], [second]: functions };
  }
  return { ...table, ctx, version: KONG_VERSION, configuration: { prefix: options.prefix, database: 'off' } };
};

const hostModule = (module: PdkModule, host: (call: PdkFunction) => HostFunction): HostTable =>
  Object.fromEntries(Object.entries(module).map(([name, call]) => [name, host(call)]));

const modules = (options: LuaHostOptions): Record<string, HostTable> => ({
  ...schemaModules,
  cjson: cjsonModule(),
  'cjson.safe': cjsonModule(),
  'kong.plugins.acl.groups': {
    get_consumer_groups: (consumerId) => {
      const groups = options.groupsOf(asText(consumerId));
      return groups.length === 0 ? undefined : groups;
    },
  },
});
