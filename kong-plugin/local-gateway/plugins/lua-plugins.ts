import { type LuaTable, type LuaVm } from '../lua/lua-vm.ts';
import type { RequestState } from '../proxy/request-state.ts';
import { packageFile } from '../shared/package-file.ts';
import type { PluginConfig } from '../shared/plugin-config.ts';
import { handlerPhases, type HandlerPhase, type PluginHandler } from './plugin-handler.ts';

/** Runs Lua for a request: `ngx`, `kong.ctx` and the PDK then mean that request. */
export interface LuaRunner {
  readonly vm: LuaVm;
  readonly runFor: (request: RequestState, config: PluginConfig, call: () => void) => void;
}

const definedPhases = `
local module, result = ..., {}
for _, phase in ipairs({ "rewrite", "access", "response", "header_filter", "body_filter", "log", "configure", "init_worker" }) do
  if type(module[phase]) == "function" then
    result[#result + 1] = phase
  end
end
return result
`;

/** A Lua plugin from its handler.lua. */
export const luaPlugin = (name: string, file: string, runner: LuaRunner): PluginHandler => {
  const module = runner.vm.loadPlugin(file);
  const defined = new Set(runner.vm.run(definedPhases, [module]) as readonly string[]);
  if (defined.has('init_worker')) runner.vm.callMethod(module, 'init_worker');
  const run = runnerOf(module, runner);
  return {
    name,
    priority: Number(module.get('PRIORITY') ?? 0),
    phases: new Set(handlerPhases.filter((phase) => defined.has(phase))),
    run,
    ...(defined.has('configure')
      ? { configure: (configs): void => void runner.vm.callMethod(module, 'configure', configs) }
      : {}),
  };
};

/** Kong's pre-function (1,000,000) and post-function (-1,000): Lua source in the configuration. */
export const functionPlugin = (name: string, priority: number, runner: LuaRunner): PluginHandler => ({
  name,
  priority,
  phases: new Set(['rewrite', 'access', 'header_filter', 'body_filter', 'log']),
  run: runnerOf(runner.vm.loadPlugin(packageFile('local-gateway/plugins/function-plugin.lua')), runner),
});

const runnerOf = (module: LuaTable, runner: LuaRunner): PluginHandler['run'] => {
  const tables = new WeakMap<PluginConfig, LuaTable>();
  return (phase: HandlerPhase, request, config) =>
    runner.runFor(
      request,
      config,
      () => void runner.vm.callMethod(module, phase, configTable(config, tables, runner.vm)),
    );
};

/** The same Lua table for the same configuration: plugins use it as a key. */
const configTable = (config: PluginConfig, tables: WeakMap<PluginConfig, LuaTable>, vm: LuaVm): LuaTable => {
  const known = tables.get(config);
  if (known !== undefined) return known;
  const table = vm.newTable();
  for (const [key, value] of Object.entries(config)) table.set(key, value);
  tables.set(config, table);
  return table;
};
