import type { PdkCall } from '../plugin-contract.ts';
import { endingMethods } from '../plugin-contract.ts';
import { KongConnection } from './kong-connection.ts';
import { toAnswerFields } from './lua-values.ts';

/** An RPC error, as Kong sees it. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
}

/** Kong's PDK as far as a test needs it: by full name (`kong.request.get_header`). A missing one answers nil, as in Kong. */
export type PdkTable = Readonly<Record<string, (...parameters: readonly unknown[]) => unknown>>;

export interface PhaseRequest {
  readonly instanceId: number;
  readonly phase: string;
  /** A function that throws is a Lua error: Kong ends the phase and sends nothing. */
  readonly pdk?: PdkTable;
}

export type PhaseOutcome =
  /** The plugin let the request pass: it returned, or left the phase with the guard's `admit`. */
  | { readonly kind: 'returned'; readonly calls: readonly PdkCall[] }
  /** The plugin ended the request with the last of the calls. */
  | { readonly kind: 'exited'; readonly exit: PdkCall; readonly calls: readonly PdkCall[] }
  /** A PDK function raised an error. */
  | { readonly kind: 'lua_error'; readonly calls: readonly PdkCall[] }
  /** The plugin server answered with an error: Kong logs it and lets the request pass. */
  | { readonly kind: 'rpc_error'; readonly error: string; readonly calls: readonly PdkCall[] };

interface EventAnswer {
  readonly Data: PdkCall | 'ret';
  readonly EventId: number;
}

/** Kong's side of the protocol: one worker with its pool of connections. */
export class KongClient {
  private readonly socketPath: string;
  private readonly idle: KongConnection[] = [];
  private readonly all: KongConnection[] = [];

  private constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  static async connect(socketPath: string): Promise<KongClient> {
    const client = new KongClient(socketPath);
    client.idle.push(await client.open());
    return client;
  }

  /** Calls `plugin.<method>`; rejects with an `RpcError` when the server says so or closes the connection. */
  async call(method: string, ...parameters: readonly unknown[]): Promise<unknown> {
    const connection = this.idle.pop() ?? (await this.open());
    await connection.send(`plugin.${method}`, ...parameters);
    const response = await connection.receive();
    if (response === undefined) throw new RpcError('no data');
    this.idle.push(connection);
    if (response.error !== null) throw new RpcError(response.error as string);
    return response.result;
  }

  /** Starts an instance and returns its id. */
  async startInstance(request: { readonly name: string; readonly config?: unknown }): Promise<number> {
    const started = await this.call('StartInstance', {
      Name: request.name,
      Config: JSON.stringify(request.config ?? {}),
    });
    return (started as { readonly Id: number }).Id;
  }

  /** Runs one phase as Kong's bridge loop does. */
  async handleEvent({ instanceId, phase, pdk = {} }: PhaseRequest): Promise<PhaseOutcome> {
    const calls: PdkCall[] = [];
    try {
      let answer = (await this.call('HandleEvent', { InstanceId: instanceId, EventName: phase })) as EventAnswer;
      while (answer.Data !== 'ret') {
        const call = answer.Data;
        calls.push(call);
        const result = await runPdk(call, pdk);
        if (result === luaError) return { kind: 'lua_error', calls };
        if (call.Method === 'kong.mcp_guard.admit') return { kind: 'returned', calls };
        if (endingMethods.has(call.Method)) return { kind: 'exited', exit: call, calls };
        answer = (await this.call(stepMethodOf(call), {
          EventId: answer.EventId,
          ...toAnswerFields(call.Method, result),
        })) as EventAnswer;
      }
      return { kind: 'returned', calls };
    } catch (error) {
      if (error instanceof RpcError) return { kind: 'rpc_error', error: error.message, calls };
      throw error;
    }
  }

  close(): void {
    for (const connection of this.all) connection.close();
  }

  private async open(): Promise<KongConnection> {
    const connection = await KongConnection.open(this.socketPath);
    this.all.push(connection);
    return connection;
  }
}

const luaError = Symbol('lua error');

async function runPdk(call: PdkCall, pdk: PdkTable): Promise<unknown> {
  try {
    return await pdk[call.Method]?.(...call.Args);
  } catch {
    return luaError;
  }
}

/** Which RPC method carries the result of a PDK function. */
const stepMethods: Readonly<Record<string, string>> = {
  'kong.client.get_credential': 'StepCredential',
  'kong.client.authenticate': 'StepCredential',
  'kong.client.load_consumer': 'StepConsumer',
  'kong.client.get_consumer': 'StepConsumer',
  'kong.node.get_memory_stats': 'StepMemoryStats',
  'kong.router.get_route': 'StepRoute',
  'kong.router.get_service': 'StepService',
  'kong.request.get_query': 'StepMultiMap',
  'kong.request.get_headers': 'StepMultiMap',
  'kong.response.get_headers': 'StepMultiMap',
  'kong.service.response.get_headers': 'StepMultiMap',
};

const stepMethodOf = (call: PdkCall): string => stepMethods[call.Method] ?? 'Step';
