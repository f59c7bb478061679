import type { RequestState } from '../proxy/request-state.ts';
import { tableField, textList, type LuaData } from '../shared/lua-data.ts';
import { asText } from '../shared/errors.ts';
import type { PluginConfig } from '../shared/plugin-config.ts';
import { cookie } from '../pdk/nginx-variables.ts';
import { setAnonymous, setConsumer } from './consumer-headers.ts';
import { checkClaims, parseToken, verifySignature } from './jwt-token.ts';
import type { AuthOptions } from './key-auth.ts';
import type { PluginHandler } from './plugin-handler.ts';

/** Kong's jwt (kong/plugins/jwt/handler.lua). */
export const jwt = (options: AuthOptions): PluginHandler => ({
  name: 'jwt',
  priority: 1450,
  phases: new Set(['access']),
  run: (_phase, request, config) => authenticate(request, config, options),
});

interface Problem {
  readonly body: LuaData;
  readonly isTokenBad: boolean;
}

const bad = (message: string): Problem => ({ body: { message }, isTokenBad: true });

const authenticate = (request: RequestState, config: PluginConfig, options: AuthOptions): void => {
  if (config['run_on_preflight'] === false && request.method === 'OPTIONS') return;
  const { anonymous, realm } = config;
  if (typeof anonymous === 'string' && request.credential !== undefined) return;
  const problem = tryToken(request, config, options);
  if (problem === undefined) return;
  if (typeof anonymous === 'string') {
    setAnonymous(request, anonymous, options.snapshot());
    return;
  }
  const base = typeof realm === 'string' ? `Bearer realm="${realm}"` : 'Bearer';
  const challenge = problem.isTokenBad ? `${base} error="invalid_token"` : base;
  options.call(request, 'response.exit', 401, problem.body, { 'WWW-Authenticate': challenge });
};

/** Why the caller is not authenticated; undefined when it is. */
const tryToken = (request: RequestState, config: PluginConfig, options: AuthOptions): Problem | undefined => {
  const tokens = findTokens(request, config, options);
  const [text] = tokens;
  if (text === undefined) return { body: { message: 'Unauthorized' }, isTokenBad: false };
  if (tokens.length > 1) return bad('Multiple tokens provided');
  const token = parseToken(text);
  if (typeof token === 'string') return bad(`Bad token; ${token}`);
  const claim = config['key_claim_name'] as string;
  const key = token.claims[claim] ?? token.header[claim];
  if (key === undefined || key === null) return bad(`No mandatory '${claim}' in claims`);
  if (key === '') return bad(`Invalid '${claim}' in claims`);
  const snapshot = options.snapshot();
  const credential = snapshot.jwtSecretByKey(asText(key));
  if (credential === undefined) return bad(`No credentials found for given '${claim}'`);
  if (token.header['alg'] !== credential.algorithm) return bad('Invalid algorithm');
  const problem = verifySignature(token, credential, config['secret_is_base64'] === true);
  if (problem !== undefined) return bad(problem);
  const errors = checkClaims(token.claims, {
    verify: textList(config['claims_to_verify']),
    maximumSeconds: Number(config['maximum_expiration'] ?? 0),
    nowSeconds: Date.now() / 1_000,
  });
  if (errors !== undefined) return { body: errors, isTokenBad: true };
  const consumer = snapshot.consumerById(credential.consumer.id);
  setConsumer(request, { consumer, credential, identifier: credential.key });
  request.tables.shared.set('authenticated_jwt_token', text);
  return undefined;
};

const findTokens = (request: RequestState, config: PluginConfig, { call }: AuthOptions): readonly string[] => {
  const query = call(request, 'request.get_query');
  const headers = call(request, 'request.get_headers');
  const fromQuery = textList(config['uri_param_names']).flatMap((name) => listOf(tableField(query, name)));
  const fromCookies = textList(config['cookie_names']).map((name) => cookie(request, name));
  const fromHeaders = textList(config['header_names']).map((name) => {
    const [value] = listOf(tableField(headers, name.toLowerCase()));
    return typeof value === 'string' ? /\s*[Bb]earer\s+(.+)/.exec(value)?.[1] : undefined;
  });
  const all = [...fromQuery, ...fromCookies, ...fromHeaders];
  return [...new Set(all.filter((token): token is string => typeof token === 'string' && token !== ''))];
};

const listOf = (value: LuaData): readonly LuaData[] => (Array.isArray(value) ? (value as LuaData[]) : [value]);
