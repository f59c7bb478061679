import { toBytes, type LuaData } from '../shared/lua-data.ts';
import type { PluginConfig } from '../shared/plugin-config.ts';
import { Binary, EmptyMap, type Packable } from './message-pack.ts';
import type { PluginInstances } from './plugin-instances.ts';
import type { RpcClient } from './rpc-client.ts';
import { withoutNil } from './without-nil.ts';

/** What answers the PDK calls of one phase of one request. Throws `LuaError` or `PhaseExit`. */
export type PdkCaller = (method: string, parameters: readonly LuaData[]) => LuaData;

export interface PluginEventsOptions {
  readonly client: RpcClient;
  readonly instances: PluginInstances;
  /** Tells every worker to forget its instances (Kong posts a worker event). */
  readonly forgetInstances: () => void;
  readonly log: (line: string) => void;
}

const stepMethods: Readonly<Record<string, string>> = {
  'kong.client.get_credential': 'plugin.StepCredential',
  'kong.client.load_consumer': 'plugin.StepConsumer',
  'kong.client.get_consumer': 'plugin.StepConsumer',
  'kong.client.authenticate': 'plugin.StepCredential',
  'kong.node.get_memory_stats': 'plugin.StepMemoryStats',
  'kong.router.get_route': 'plugin.StepRoute',
  'kong.router.get_service': 'plugin.StepService',
  'kong.request.get_query': 'plugin.StepMultiMap',
  'kong.request.get_headers': 'plugin.StepMultiMap',
  'kong.response.get_headers': 'plugin.StepMultiMap',
  'kong.service.response.get_headers': 'plugin.StepMultiMap',
};

/**
 * Runs one phase in the plugin server. An error that comes back over the socket is logged and the request CONTINUES: that
 * is Kong's behaviour, and the reason for mcp-guard.
 */
export class PluginEvents {
  constructor(private readonly options: PluginEventsOptions) {}

  async handle(phase: string, config: PluginConfig, pdk: PdkCaller): Promise<void> {
    for (;;) {
      const instanceId = await this.options.instances.idFor(config);
      const error = await this.run(instanceId, phase, pdk);
      if (error === undefined) return;
      this.options.log(`[plugin server] ${phase}: ${error}`);
      if (!error.toLowerCase().includes('no plugin instance')) return;
      this.options.forgetInstances();
    }
  }

  private async run(instanceId: number, phase: string, pdk: PdkCaller): Promise<string | undefined> {
    const { client } = this.options;
    let answer = await client.call('plugin.HandleEvent', { InstanceId: instanceId, EventName: phase });
    while (answer.ok) {
      const step = readStep(answer.value);
      if (step.call === undefined) return undefined;
      const result = pdk(step.call.method, step.call.parameters);
      answer = await client.call(stepMethod(step.call.method, result), {
        EventId: step.eventId,
        ...withData(step.call.method, result),
      });
    }
    return answer.error;
  }
}

interface Step {
  readonly eventId: number;
  /** Absent when the phase is over. */
  readonly call?: { readonly method: string; readonly parameters: readonly LuaData[] };
}

const readStep = (value: unknown): Step => {
  const { EventId, Data } = value as { EventId: number; Data: unknown };
  if (typeof Data !== 'object' || Data === null) return { eventId: EventId };
  const { Method, Args } = Data as { Method: string; Args: unknown };
  return { eventId: EventId, call: { method: Method, parameters: Array.isArray(Args) ? Args.map(withoutNil) : [] } };
};

/** A table with a field `_method` names its own step (mp_rpc.lua, `get_step_method`). */
const stepMethod = (method: string, result: LuaData): string => {
  const own =
    typeof result === 'object' && result !== null && !Array.isArray(result) && !(result instanceof Uint8Array)
      ? (result as Readonly<Record<string, LuaData>>)['_method']
      : undefined;
  return typeof own === 'string' ? own : (stepMethods[method] ?? 'plugin.Step');
};

/** nil has no `Data` at all. */
const withData = (method: string, result: LuaData): { readonly Data?: Packable } => {
  if (method.endsWith('.get_raw_body')) return { Data: new Binary(rawBody(result)) };
  if (stepMethods[method] === 'plugin.StepMultiMap') return { Data: multiMap(result) };
  return result === undefined || result === null ? {} : { Data: result };
};

const rawBody = (result: LuaData): Uint8Array | undefined =>
  typeof result === 'string' || result instanceof Uint8Array ? toBytes(result) : undefined;

/** `fix_mmap`: values become lists, a value-less argument an empty one, an empty map stays a map. */
const multiMap = (value: LuaData): Packable => {
  const entries = Object.entries((value ?? {}) as Record<string, LuaData>);
  if (entries.length === 0) return new EmptyMap();
  return Object.fromEntries(
    entries.map(([key, item]) => [key, item === true ? [] : Array.isArray(item) ? item : [item]]),
  );
};
