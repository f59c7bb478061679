import { randomInt } from 'node:crypto';
import type { Instance, Module } from 'kong-pdk/lib/mod.js';
import Server from 'kong-pdk/server.js';
import { closedAnswer } from './closed-answer.ts';
import { describeError, errorText } from './describe-error.ts';
import { EventTable } from './event-table.ts';
import { InstanceRegistry } from './instance-registry.ts';
import { GuardAnswer } from './guard-messages.ts';
import { createKong } from './kong-bridge.ts';
import type { Logger } from './logger.ts';
import type { EventAnswer, JudgedRequest } from './plugin-contract.ts';
import { isFinal } from './plugin-contract.ts';
import { OutcomeDesk } from './outcome-desk.ts';
import { PluginEvent } from './plugin-event.ts';
import { createRedactor } from './secret-redactor.ts';

export interface GovernanceServerOptions {
  readonly plugins: readonly Module[];
  readonly logger: Logger;
  readonly now?: () => number;
  /** For tests that replay recorded ids. */
  readonly firstInstanceId?: number;
  readonly firstEventId?: number;
  readonly maximumEvents?: number;
}

/**
 * Where ids start. A worker that outlives its plugin server still holds the old process's ids: small ids would run another
 * route's configuration (measured: 34 requests after 4 kills), or feed a step of an old event to another request's handler.
 * 2^47 leaves room below 2^53, where Lua's numbers stay exact.
 */
const randomFirstId = (): number => randomInt(2 ** 47);

const SWEEP_INTERVAL_MS = 5_000;

/**
 * kong-pdk's server with its own conversation: a handler that fails refuses the request, events always end, and an
 * instance is closed only when its last request is done.
 */
export class GovernanceServer extends Server {
  private readonly log: Logger;
  private readonly open: EventTable;
  private readonly registry: InstanceRegistry;
  private readonly outcomes: OutcomeDesk;
  private readonly sweepTimer: NodeJS.Timeout;

  constructor(options: GovernanceServerOptions) {
    super(undefined, options.logger);
    // kong-pdk expires instances after 60 s without use; Kong would restart every instance of the plugin for each.
    super.close();
    this.log = options.logger;
    this.registry = new InstanceRegistry(options.logger);
    this.outcomes = new OutcomeDesk(options.logger);
    this.instanceID = options.firstInstanceId ?? randomFirstId();
    this.open = new EventTable({
      firstId: options.firstEventId ?? randomFirstId(),
      now: options.now ?? Date.now,
      ...(options.maximumEvents === undefined ? {} : { maximumEvents: options.maximumEvents }),
      onRemoved: (event) => this.registry.finished(event.instanceId),
    });
    for (const plugin of options.plugins) this.plugins.set(plugin.name, plugin);
    this.sweepTimer = setInterval(() => this.sweep(), SWEEP_INTERVAL_MS).unref();
  }

  get openEvents(): number {
    return this.open.size;
  }

  override close(): void {
    super.close();
    clearInterval(this.sweepTimer);
  }

  /** The last thing the process does: lets plugins write what they still hold. */
  async shutdown(): Promise<void> {
    this.close();
    await this.registry.closeAll();
    for (const plugin of this.plugins.values()) {
      try {
        await plugin.mod.Plugin.shutdown?.();
      } catch (error) {
        this.log.error('shutdown of a plugin failed', { plugin: plugin.name, ...describeError(error) });
      }
    }
  }

  /** Without configurations, unlike `InstanceStatus`: they hold secrets. */
  override async GetStatus(): Promise<object> {
    const plugins = Object.fromEntries(
      [...this.plugins.values()].map((plugin) => [plugin.name, this.statusOf(plugin)]),
    );
    return { Pid: process.pid, Plugins: plugins };
  }

  override async StartInstance(request: unknown): Promise<object> {
    const { Name: name, Config: text } = asRecord(request);
    const plugin = this.plugins.get(String(name));
    // kong-pdk's spelling: operators search for it.
    if (plugin === undefined) throw new Error(`${String(name)} not initizlied`);
    const config = parseConfig(text);
    const redact = createRedactor(plugin.getSchema(), config);
    const instance = this.construct(plugin, config, redact);
    const id = this.instanceID;
    this.instanceID += 1;
    this.instances.set(id, instance);
    this.registry.add(id, instance, redact);
    this.outcomes.serve(pluginIdOf(config), instance, redact);
    this.log.info('instance started', { plugin: plugin.name, instance: id, pluginId: pluginIdOf(config) });
    return { Name: plugin.name, Id: id, Config: config, StartTime: instance.getStartTime() };
  }

  override async CloseInstance(instanceId: unknown): Promise<object> {
    const instance = this.instances.get(Number(instanceId));
    const closed = await super.CloseInstance(instanceId);
    this.outcomes.retire(pluginIdOf(instance?.getConfig()), instance);
    this.registry.close(Number(instanceId));
    this.log.info('instance closed', { instance: Number(instanceId) });
    return closed;
  }

  /** Called by mcp-guard: one request is judged, without the conversation that `HandleEvent` opens. */
  async judge(
    instanceId: unknown,
    { text, body }: Readonly<Record<keyof JudgedRequest, unknown>>,
  ): Promise<GuardAnswer> {
    const id = Number(instanceId);
    const instance = this.instances.get(id);
    if (instance === undefined) return new GuardAnswer('no_instance');
    this.registry.opened(id);
    try {
      if (!(text instanceof Uint8Array && body instanceof Uint8Array)) throw new Error('the facts are not bytes');
      if (instance.cls.judge === undefined) throw new Error('the plugin does not judge');
      return GuardAnswer.of(await instance.cls.judge({ text, body }));
    } catch (error) {
      this.log.error('handler failed', {
        plugin: instance.getName(),
        phase: 'access',
        instance: id,
        ...describeError(error, this.registry.redactorOf(id)),
      });
      return new GuardAnswer('failed');
    } finally {
      this.registry.finished(id);
    }
  }

  /** Called by mcp-guard: records of requests that have ended, many at once. */
  async conclude(outcomes: unknown): Promise<GuardAnswer> {
    return new GuardAnswer('taken', JSON.stringify(await this.outcomes.take(outcomes)));
  }

  override HandleEvent(request: unknown): Promise<EventAnswer> {
    const { InstanceId: instanceId, EventName: phase } = asRecord(request);
    const instance = this.instances.get(Number(instanceId));
    if (instance === undefined) throw new Error(`no plugin instance #${String(instanceId)}`);
    const event = new PluginEvent({ phase: String(phase), instanceId: Number(instanceId) });
    this.registry.opened(event.instanceId);
    const id = this.open.add(event);
    void this.runHandler(instance, event);
    return this.nextAnswer(id, event);
  }

  override step(data: unknown, isError: boolean): Promise<EventAnswer> {
    const { EventId: eventId, Data: result } = asRecord(data);
    const event = this.open.touch(Number(eventId));
    if (event === undefined) throw new Error(`event id ${String(eventId)} not found`);
    const answered = isError ? event.answer(undefined, result ?? 'unknown error') : event.answer(result);
    if (!answered) throw new Error(`event id ${String(eventId)} does not wait for an answer`);
    return this.nextAnswer(Number(eventId), event);
  }

  /** Replaces an answer that MessagePack cannot carry: the handler's call fails, or the refusal loses its body. */
  async replaceUnsendable(eventId: number, error: unknown): Promise<EventAnswer> {
    const event = this.open.touch(eventId);
    this.log.error('a PDK call has parameters that cannot be sent', { event: eventId, ...describeError(error) });
    if (event === undefined) return { Data: closedAnswer('access'), EventId: eventId };
    event.answer(undefined, `its parameters cannot be sent: ${errorText(error)}`);
    return this.nextAnswer(eventId, event);
  }

  /** Kong stopped waiting for this event. */
  abandon(eventId: number): void {
    const event = this.open.touch(eventId);
    if (event !== undefined) this.open.abandon(eventId, event);
  }

  /** Called by a timer; public for tests with a fake clock. */
  sweep(): void {
    for (const event of this.open.sweep()) {
      const refused = event.finish(closedAnswer(event.phase));
      if (refused) this.log.error('handler is too late', { phase: event.phase, instance: event.instanceId });
    }
  }

  private nextAnswer(id: number, event: PluginEvent): Promise<EventAnswer> {
    return event.next().then((message) => {
      if (isFinal(message)) this.open.remove(id);
      return { Data: message, EventId: id };
    });
  }

  private async runHandler(instance: Instance, event: PluginEvent): Promise<void> {
    const redact = this.registry.redactorOf(event.instanceId);
    try {
      if (!this.plugins.get(instance.getName())?.getPhases().includes(event.phase)) {
        throw new Error(`the plugin has no phase "${event.phase}"`);
      }
      await instance.executePhase(event.phase, createKong(event));
      event.finish('ret');
    } catch (error) {
      const refused = event.finish(closedAnswer(event.phase));
      const consequence = refused ? 'handler failed' : 'handler failed after its request had ended';
      this.log[refused ? 'error' : 'warn'](consequence, {
        plugin: instance.getName(),
        phase: event.phase,
        instance: event.instanceId,
        ...describeError(error, redact),
      });
    }
  }

  private construct(plugin: Module, config: unknown, redact: (text: string) => string): Instance {
    try {
      return plugin.new(config);
    } catch (error) {
      this.log.error('instance not started', { plugin: plugin.name, ...describeError(error, redact) });
      throw new Error(redact(errorText(error)), { cause: error });
    }
  }

  private statusOf(plugin: Module): object {
    const instances = [...this.instances]
      .filter(([, instance]) => instance.getName() === plugin.name)
      .map(([id, instance]) => ({ Name: plugin.name, Id: id, StartTime: instance.getStartTime() }));
    return {
      Name: plugin.name,
      Modtime: plugin.getMTime(),
      LoadTime: plugin.getLoadTime(),
      Instances: instances,
      LastStartInstance: plugin.getLastStartInstanceTime(),
      LastCloseInstance: plugin.getLastCloseInstanceTime(),
    };
  }
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

/** Node quotes the text in JSON.parse's error, and this text holds secrets. */
function parseConfig(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    throw new Error('the configuration is not valid JSON');
  }
}

function pluginIdOf(config: unknown): string | undefined {
  const id = asRecord(config)['__plugin_id'];
  return typeof id === 'string' ? id : undefined;
}
