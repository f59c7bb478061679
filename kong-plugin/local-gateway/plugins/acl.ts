import type { RequestState } from '../proxy/request-state.ts';
import { textList, toWireText } from '../shared/lua-data.ts';
import type { PluginConfig } from '../shared/plugin-config.ts';
import type { AuthOptions } from './key-auth.ts';
import type { PluginHandler } from './plugin-handler.ts';

/** Kong's acl (kong/plugins/acl/handler.lua). */
export const acl = (options: AuthOptions): PluginHandler => ({
  name: 'acl',
  priority: 950,
  phases: new Set(['access']),
  run: (_phase, request, config) => authorize(request, config, options),
});

interface Groups {
  readonly names: readonly string[];
  readonly header: 'X-Consumer-Groups' | 'X-Authenticated-Groups';
}

const authorize = (request: RequestState, config: PluginConfig, options: AuthOptions): void => {
  const deny = textList(config['deny']);
  const isDenyList = deny.length > 0;
  const listed = isDenyList ? deny : textList(config['allow']);
  const groups = groupsOf(request, config, options);
  if (groups === undefined || (groups.names.length === 0 && !isDenyList && groups.header === 'X-Consumer-Groups')) {
    refuse(request, options);
    return;
  }
  if (groups.names.some((name) => listed.includes(name)) === isDenyList) {
    options.call(request, 'response.error', 403, 'You cannot consume this service');
    return;
  }
  if (config['hide_groups_header'] !== true) request.headers.set(groups.header, toWireText(groups.names.join(', ')));
};

const refuse = (request: RequestState, { call }: AuthOptions): void => {
  if (request.credential !== undefined) call(request, 'response.error', 403, 'You cannot consume this service');
  else call(request, 'response.error', 401);
};

/** Groups of the consumer, or those that another plugin left in `kong.ctx.shared.authenticated_groups`. */
const groupsOf = (request: RequestState, config: PluginConfig, options: AuthOptions): Groups | undefined => {
  const { consumer, credential } = request;
  const prefersAuthenticated = credential === undefined || config['always_use_authenticated_groups'] === true;
  const authenticated = consumer === undefined || prefersAuthenticated ? authenticatedGroups(request) : undefined;
  if (authenticated !== undefined) return { names: authenticated, header: 'X-Authenticated-Groups' };
  return consumer === undefined
    ? undefined
    : { names: options.snapshot().groupsOf(consumer.id), header: 'X-Consumer-Groups' };
};

const authenticatedGroups = (request: RequestState): readonly string[] | undefined => {
  const value = request.tables.shared.get('authenticated_groups') ?? request.tables.context.get('authenticated_groups');
  return Array.isArray(value) ? textList(value) : undefined;
};
