import { describeError } from '../shared/errors.ts';
import type { RequestState } from '../proxy/request-state.ts';
import type { PluginConfig } from '../shared/plugin-config.ts';
import { handlerPhases, type HandlerPhase, type PluginHandler } from '../plugins/plugin-handler.ts';
import type { PluginEvents } from './plugin-events.ts';
import type { PluginInfo } from './plugin-info.ts';
import { requestCaller, timerCaller, type PdkCallerOptions } from './saved-request.ts';

export interface ExternalPluginOptions extends PdkCallerOptions {
  /** Runs the access phase as Lua has it, which may be `original`. */
  readonly access: (
    plugin: { readonly name: string; readonly config: PluginConfig; readonly request: RequestState },
    original: () => Promise<void>,
  ) => Promise<void>;
  readonly collect: (name: string, config: PluginConfig, request: RequestState) => void;
}

/** The plugin of a plugin server, as Kong's runloop sees it: phases that are remote calls. */
export const externalPlugin = (
  info: PluginInfo,
  events: PluginEvents,
  options: ExternalPluginOptions,
): PluginHandler => ({
  name: info.name,
  collect: (request, config) => options.collect(info.name, config, request),
  priority: info.priority,
  phases: new Set(handlerPhases.filter((phase) => info.phases.includes(phase))),
  run: (phase, request, config) => {
    if (phase === 'log') return runLog(request, config, events, options);
    const remote = (): Promise<void> => events.handle(phase, config, requestCaller(request, options));
    return phase === 'access' ? options.access({ name: info.name, config, request }, remote) : remote();
  },
});

/** In a timer: what fails there is logged and lost. */
const runLog = async (
  request: RequestState,
  config: PluginConfig,
  events: PluginEvents,
  options: PdkCallerOptions,
): Promise<void> => {
  const phase: HandlerPhase = 'log';
  const caller = timerCaller(request, options);
  try {
    await events.handle(phase, config, caller);
  } catch (error) {
    options.log(`[plugin server] ${phase}: ${describeError(error)}, context: ngx.timer`);
  }
};
