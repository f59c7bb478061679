import type { RequestState } from '../proxy/request-state.ts';
import { textList } from '../shared/lua-data.ts';
import type { PluginConfig } from '../shared/plugin-config.ts';
import type { LocalPdk } from './local-pdk.ts';
import type { PluginHandler } from './plugin-handler.ts';

/** Kong's cors: plain origins, `*` and regexes. */
export const cors = (call: LocalPdk): PluginHandler => {
  const preflights = new WeakSet<RequestState>();
  return {
    name: 'cors',
    priority: 2000,
    phases: new Set(['access', 'header_filter']),
    run: (phase, request, config) => {
      if (phase === 'header_filter') {
        if (!preflights.has(request)) decorate(request, config);
        return;
      }
      if (!isPreflight(request)) return;
      preflights.add(request);
      if (config['preflight_continue'] !== true) answerPreflight(request, config, call);
    },
  };
};

const isPreflight = (request: RequestState): boolean =>
  request.method === 'OPTIONS' && request.headers.has('origin') && request.headers.has('access-control-request-method');

const answerPreflight = (request: RequestState, config: PluginConfig, call: LocalPdk): void => {
  allowOrigin(request, config);
  const asked = request.headers.first('access-control-request-headers');
  const headers = textList(config['headers']);
  if (headers.length > 0) request.responseHeaders.set('Access-Control-Allow-Headers', headers.join(','));
  else if (asked !== undefined) request.responseHeaders.set('Access-Control-Allow-Headers', asked);
  request.responseHeaders.set('Access-Control-Allow-Methods', textList(config['methods']).join(','));
  const maxAge = config['max_age'];
  if (typeof maxAge === 'number') request.responseHeaders.set('Access-Control-Max-Age', String(maxAge));
  if (config['private_network'] === true && request.headers.first('access-control-request-private-network') === 'true')
    request.responseHeaders.set('Access-Control-Allow-Private-Network', 'true');
  call(request, 'response.exit', 200);
};

const decorate = (request: RequestState, config: PluginConfig): void => {
  allowOrigin(request, config);
  const exposed = textList(config['exposed_headers']);
  if (exposed.length > 0) request.responseHeaders.set('Access-Control-Expose-Headers', exposed.join(','));
};

const allowOrigin = (request: RequestState, config: PluginConfig): void => {
  const origins = textList(config['origins']);
  const origin = request.headers.first('origin');
  const credentials = config['credentials'] === true;
  const everyone = origins.length === 0 || origins.includes('*');
  if (everyone && !credentials) {
    request.responseHeaders.set('Access-Control-Allow-Origin', '*');
    return;
  }
  request.responseHeaders.append('Vary', 'Origin');
  const allowed = everyone ? origin : allowedOrigin(origins, origin);
  if (allowed === undefined) request.responseHeaders.delete('Access-Control-Allow-Origin');
  else request.responseHeaders.set('Access-Control-Allow-Origin', allowed);
  if (credentials && allowed !== undefined) request.responseHeaders.set('Access-Control-Allow-Credentials', 'true');
};

/** A single plain origin is named to everyone, as Kong does; of several the one that asked. */
const allowedOrigin = (origins: readonly string[], origin: string | undefined): string | undefined => {
  const [only] = origins;
  if (origins.length === 1 && only !== undefined && isPlain(only)) return only;
  return origin !== undefined && origins.some((allowed) => matchesOrigin(allowed, origin)) ? origin : undefined;
};

const isPlain = (origin: string): boolean => /^[A-Za-z0-9.:/-]+$/.test(origin);

const matchesOrigin = (allowed: string, origin: string): boolean => {
  const subject = allowed.includes(':') ? origin : origin.replace(/^[a-z]+:\/\//i, '').replace(/:\d+$/, '');
  return isPlain(allowed) ? allowed === subject : new RegExp(`^(?:${allowed.replace(/^\^|\$$/g, '')})$`).test(subject);
};
