import type { GovernanceServer } from './governance-server.ts';

type RpcMethod = (server: GovernanceServer, ...parameters: readonly unknown[]) => Promise<object>;

const step: RpcMethod = (server, data) => server.step(data, false);

/**
 * What Kong may call, and mcp-guard (`Judge`, `Conclude`). kong-pdk looks the name up on its object, so that a client could also call `plugin.SetPluginDir` and
 * load code; here only these exist. Kong answers some PDK functions with a typed step (kong/runloop/plugin_servers/rpc).
 */
export const rpcMethods: ReadonlyMap<string, RpcMethod> = new Map<string, RpcMethod>([
  ['GetStatus', (server) => server.GetStatus()],
  ['GetPluginInfo', (server, name) => server.GetPluginInfo(name)],
  ['StartInstance', (server, request) => server.StartInstance(request)],
  ['InstanceStatus', (server, id) => server.InstanceStatus(id)],
  ['CloseInstance', (server, id) => server.CloseInstance(id)],
  ['Judge', (server, instanceId, body, text) => server.judge(instanceId, { body, text })],
  ['Conclude', (server, outcomes) => server.conclude(outcomes)],
  ['HandleEvent', (server, event) => server.HandleEvent(event)],
  ['StepError', (server, data) => server.step(data, true)],
  ['Step', step],
  ['StepMultiMap', step],
  ['StepService', step],
  ['StepConsumer', step],
  ['StepRoute', step],
  ['StepPlugin', step],
  ['StepCredential', step],
  ['StepMemoryStats', step],
]);

/** Runs `plugin.Method`; rejects, or throws, with the text Kong gets as the RPC error. */
export function callMethod(
  server: GovernanceServer,
  { method, parameters }: { readonly method: string; readonly parameters: readonly unknown[] },
): Promise<object> {
  const [namespace = '', name = ''] = method.split('.');
  if (namespace !== 'plugin') throw new Error(`RPC for ${namespace} is not supported`);
  const run = rpcMethods.get(name);
  if (run === undefined) throw new Error(`method ${name} not implemented`);
  return run(server, ...parameters);
}
