import type { HandlerPhase, PluginHandler } from '../plugins/plugin-handler.ts';
import type { Snapshot } from '../plugins/snapshot.ts';
import { describeError, PhaseExit } from '../shared/errors.ts';
import type { PluginConfig } from '../shared/plugin-config.ts';
import { errorBody } from './error-body.ts';
import type { RequestState } from './request-state.ts';
import { sendResponse } from './send-response.ts';

interface Collected {
  readonly handler: PluginHandler;
  readonly config: PluginConfig;
}

export interface PhaseRunnerOptions {
  /** Sorted by priority, the highest first. */
  readonly handlers: readonly PluginHandler[];
  readonly snapshot: Snapshot;
  readonly log: (line: string) => void;
}

/**
 * Runs the plugins of one request phase by phase (kong/init.lua). The access phase collects which plugins apply, with the
 * consumer known so far; the later phases run those. A request that never got so far runs the global ones.
 */
export class PhaseRunner {
  private collected: Collected[] | undefined;

  constructor(
    private readonly request: RequestState,
    private readonly options: PhaseRunnerOptions,
  ) {}

  async rewrite(): Promise<void> {
    this.request.phase = 'rewrite';
    for (const item of this.globals('rewrite')) await this.runOne('rewrite', item);
  }

  /** Ends with a response to send (`request.localBody`) or with none: proxy. */
  async access(): Promise<void> {
    const { request } = this;
    request.phase = 'access';
    request.mayDelay = true;
    this.collected = [];
    for (const handler of this.options.handlers) {
      const config = this.options.snapshot.plugins.configFor(handler.name, request);
      if (config === undefined) continue;
      this.collected.push({ handler, config });
      handler.collect?.(request, config);
      if (handler.phases.has('response')) request.isBuffered = true;
      if (handler.phases.has('access') && request.delayed === undefined) await this.accessOne({ handler, config });
    }
    request.mayDelay = false;
    if (request.delayed !== undefined) {
      request.isBuffered = false;
      sendResponse(request, request.delayed);
    }
  }

  private async accessOne(item: Collected): Promise<void> {
    try {
      await this.runOne('access', item);
    } catch (error) {
      if (error instanceof PhaseExit) return;
      this.options.log(`[error] ${item.handler.name}: ${describeError(error)}`);
      this.request.isUnexpected = true;
      const { type, body } = errorBody('An unexpected error occurred', {
        accept: this.request.headers.get('accept').join(','),
        requestId: this.request.id,
      });
      this.request.hasExited = true;
      this.request.delayed ??= { status: 500, body, headers: [['Content-Type', [type]]] };
    }
  }

  /** Only for a buffered answer. Throws what is not a deliberate end of the phase. */
  async response(): Promise<void> {
    this.request.phase = 'response';
    try {
      for (const item of this.later('response')) await this.runOne('response', item);
    } catch (error) {
      if (!(error instanceof PhaseExit)) throw error;
    }
  }

  headerFilter(): void {
    this.request.phase = 'header_filter';
    for (const item of this.later('header_filter')) void this.runOne('header_filter', item);
  }

  bodyFilter(): void {
    this.request.phase = 'body_filter';
    for (const item of this.later('body_filter')) void this.runOne('body_filter', item);
  }

  /** Resolves when the timers of external plugins are through, too. */
  async log(): Promise<void> {
    this.request.phase = 'log';
    const running: Promise<void>[] = [];
    for (const item of this.later('log')) {
      try {
        const result = this.runOne('log', item);
        if (result !== undefined) running.push(result);
      } catch (error) {
        this.options.log(`[error] ${item.handler.name}: ${describeError(error)}`);
        break;
      }
    }
    await Promise.all(running);
  }

  private runOne(phase: HandlerPhase, { handler, config }: Collected): Promise<void> | undefined {
    this.request.pluginId = config.__plugin_id;
    return handler.run(phase, this.request, config) ?? undefined;
  }

  private later(phase: HandlerPhase): readonly Collected[] {
    return this.collected?.filter(({ handler }) => handler.phases.has(phase)) ?? this.globals(phase);
  }

  private globals(phase: HandlerPhase): readonly Collected[] {
    return this.options.handlers.flatMap((handler) => {
      const config = handler.phases.has(phase) ? this.options.snapshot.plugins.globalConfig(handler.name) : undefined;
      return config === undefined ? [] : [{ handler, config }];
    });
  }
}
