import { readSchedulerServiceTaskScheduleDefinitionFromConfig } from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import type { KongProviderSettings, ServiceSettings } from './KongProviderSettings';

/** Kong's own name of the header that carries the Admin API's token (RBAC, Konnect, or a gateway in front). */
const TOKEN_HEADER = 'Kong-Admin-Token';

const DEFAULT_TIMEOUT_SECONDS = 10;

const defaultSchedule = {
  frequency: { minutes: 1 },
  timeout: { minutes: 5 },
  initialDelay: { seconds: 3 },
};

/** Every Kong of the configuration. Throws where a field is missing or wrong, naming it. */
export const readKongProviders = (config: Config): readonly KongProviderSettings[] => {
  const providers = config.getOptionalConfig('catalog.providers.kong');
  return (providers?.keys() ?? []).map((id) => {
    const provider = config.getConfig(`catalog.providers.kong.${id}`);
    return {
      id,
      admin: { url: readUrl(provider, id, 'adminUrl'), headers: readAdminHeaders(provider) },
      gatewayUrl: readUrl(provider, id, 'gatewayUrl'),
      namespace: provider.getOptionalString('namespace') ?? 'default',
      timeoutSeconds: readTimeout(provider, id),
      schedule: provider.has('schedule')
        ? readSchedulerServiceTaskScheduleDefinitionFromConfig(provider.getConfig('schedule'))
        : defaultSchedule,
      tags: {
        mcp: provider.getOptionalStringArray('tags.mcp') ?? ['mcp'],
        rest: provider.getOptionalStringArray('tags.rest') ?? ['rest'],
        owner: provider.getOptionalStringArray('tags.owner') ?? ['team:', 'team-', 'owner:'],
        system: provider.getOptionalStringArray('tags.system') ?? ['system:', 'system-'],
        lifecycle: provider.getOptionalStringArray('tags.lifecycle') ?? ['lifecycle:'],
        document: provider.getOptionalStringArray('tags.document') ?? ['openapi:'],
      },
      ownerTemplate: provider.getOptionalString('owner.template') ?? '{name}',
      defaultOwner: provider.getOptionalString('owner.default') ?? 'unknown',
      defaultLifecycle: provider.getOptionalString('lifecycle') ?? 'production',
      tools: {
        through: readThrough(provider, id),
        headers: readHeaders(provider, 'tools.headers'),
      },
      services: new Map(
        (provider.getOptionalConfigArray('services') ?? []).map((service) => [
          service.getString('name'),
          readService(service),
        ]),
      ),
    };
  });
};

const readService = (config: Config): ServiceSettings => ({
  ...optionalTexts(config, ['owner', 'system', 'lifecycle', 'title', 'description']),
  ...(config.has('document')
    ? { document: { url: config.getString('document.url'), headers: readHeaders(config, 'document.headers') } }
    : {}),
  ...(config.has('tools')
    ? { tools: { ...optionalTexts(config.getConfig('tools'), ['url']), headers: readHeaders(config, 'tools.headers') } }
    : {}),
});

const optionalTexts = <Key extends string>(config: Config, keys: readonly Key[]): { readonly [name in Key]?: string } =>
  Object.fromEntries(
    keys.flatMap((key) => {
      const text = config.getOptionalString(key);
      return text === undefined ? [] : [[key, text]];
    }),
  ) as { readonly [name in Key]?: string };

const placeOf = (id: string, key: string): string => `catalog.providers.kong.${id}.${key}`;

const readUrl = (config: Config, id: string, key: string): string => {
  const text = config.getString(key);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new Error(`${placeOf(id, key)} must be an http or https address, and is not.`);
  return text.replace(/\/$/, '');
};

const readAdminHeaders = (config: Config): Readonly<Record<string, string>> => {
  const token = config.getOptionalString('adminToken');
  return { ...(token === undefined ? {} : { [TOKEN_HEADER]: token }), ...readHeaders(config, 'adminHeaders') };
};

const readHeaders = (config: Config, key: string): Readonly<Record<string, string>> => {
  const headers = config.getOptionalConfig(key);
  return Object.fromEntries((headers?.keys() ?? []).map((name) => [name, headers?.getString(name) ?? '']));
};

const readTimeout = (config: Config, id: string): number => {
  const seconds = config.getOptionalNumber('timeoutSeconds') ?? DEFAULT_TIMEOUT_SECONDS;
  if (!(seconds > 0 && seconds <= 120))
    throw new Error(`${placeOf(id, 'timeoutSeconds')} must be more than 0 and at most 120.`);
  return seconds;
};

const readThrough = (config: Config, id: string): 'upstream' | 'gateway' => {
  const through = config.getOptionalString('tools.through') ?? 'gateway';
  if (through !== 'upstream' && through !== 'gateway')
    throw new Error(`${placeOf(id, 'tools.through')} must be "upstream" or "gateway".`);
  return through;
};
