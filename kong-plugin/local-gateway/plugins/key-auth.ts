import type { RequestState } from '../proxy/request-state.ts';
import { isLuaTable, tableField, type LuaData } from '../shared/lua-data.ts';
import type { PluginConfig } from '../shared/plugin-config.ts';
import { withoutArgument } from '../pdk/service-request-module.ts';
import { setAnonymous, setConsumer } from './consumer-headers.ts';
import type { LocalPdk } from './local-pdk.ts';
import type { PluginHandler } from './plugin-handler.ts';
import type { Snapshot } from './snapshot.ts';

export interface AuthOptions {
  readonly call: LocalPdk;
  readonly snapshot: () => Snapshot;
}

/** Kong's key-auth (kong/plugins/key-auth/handler.lua). */
export const keyAuth = (options: AuthOptions): PluginHandler => ({
  name: 'key-auth',
  priority: 1250,
  phases: new Set(['access']),
  run: (_phase, request, config) => authenticate(request, config, options),
});

const authenticate = (request: RequestState, config: PluginConfig, options: AuthOptions): void => {
  if (config['run_on_preflight'] === false && request.method === 'OPTIONS') return;
  const { anonymous } = config;
  if (typeof anonymous === 'string' && request.credential !== undefined) return;
  const problem = tryKey(request, config, options);
  if (problem === undefined) return;
  if (typeof anonymous === 'string') {
    setAnonymous(request, anonymous, options.snapshot());
    return;
  }
  const { realm } = config;
  const challenge = typeof realm === 'string' ? `Key realm="${realm}"` : 'Key';
  options.call(request, 'response.error', 401, problem, { 'WWW-Authenticate': challenge });
};

/** Why the caller is not authenticated; undefined when it is. */
const tryKey = (request: RequestState, config: PluginConfig, options: AuthOptions): string | undefined => {
  const found = findKey(request, config, options.call);
  if (found === 'duplicate') return 'Duplicate API key found';
  if (found === undefined || found.key === '') return 'No API key found in request';
  const snapshot = options.snapshot();
  const credential = snapshot.credentialByKey(found.key);
  if (credential === undefined) return 'Unauthorized';
  setConsumer(request, {
    consumer: snapshot.consumerById(credential.consumer.id),
    credential,
    identifier: credential.id,
  });
  return undefined;
};

const findKey = (
  request: RequestState,
  config: PluginConfig,
  call: LocalPdk,
): { readonly key: string } | 'duplicate' | undefined => {
  const headers = call(request, 'request.get_headers');
  const query = call(request, 'request.get_query');
  for (const name of config['key_names'] as readonly string[]) {
    const value =
      (config['key_in_header'] === true ? tableField(headers, name.toLowerCase()) : undefined) ??
      (config['key_in_query'] === true ? tableField(query, name) : undefined) ??
      (config['key_in_body'] === true ? tableField(call(request, 'request.get_body'), name) : undefined);
    if (isLuaTable(value)) return 'duplicate';
    if (typeof value !== 'string') continue;
    if (config['hide_credentials'] === true) hideCredential(request, name, config);
    return { key: value };
  }
  return undefined;
};

const hideCredential = (request: RequestState, name: string, config: PluginConfig): void => {
  request.query = withoutArgument(request.query, name);
  request.headers.delete(name);
  if (config['key_in_body'] === true) request.body = withoutField(request.body, name);
};

/** Only JSON bodies are rewritten here. */
const withoutField = (body: Uint8Array, name: string): Uint8Array => {
  try {
    const { [name]: _key, ...rest } = JSON.parse(Buffer.from(body).toString('utf8')) as Record<string, LuaData>;
    return Buffer.from(JSON.stringify(rest));
  } catch {
    return body;
  }
};
