import type { RequestState } from '../proxy/request-state.ts';
import type { PluginConfig } from '../shared/plugin-config.ts';

export type HandlerPhase = 'rewrite' | 'access' | 'response' | 'header_filter' | 'body_filter' | 'log';

export const handlerPhases: readonly HandlerPhase[] = [
  'rewrite',
  'access',
  'response',
  'header_filter',
  'body_filter',
  'log',
];

/**
 * A loaded plugin. Handlers end a phase by throwing `PhaseExit` (a response was made) or any other error (500). Only
 * `access`, `response` and `log` may wait for something.
 */
export interface PluginHandler {
  readonly name: string;
  readonly priority: number;
  readonly phases: ReadonlySet<HandlerPhase>;
  /** Told that it concerns the request, before its access phase and also when that never comes. */
  readonly collect?: (request: RequestState, config: PluginConfig) => void;
  readonly run: (phase: HandlerPhase, request: RequestState, config: PluginConfig) => Promise<void> | void;
  /** Told all its configurations at each change; undefined when there is none. */
  readonly configure?: (configs: readonly PluginConfig[] | undefined) => void;
}
