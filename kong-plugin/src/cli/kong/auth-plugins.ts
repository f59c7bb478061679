import type { KongConsumer, KongFile } from './kong-file.ts';
import { pluginPlaces } from './governed-place.ts';
import { isTable } from './read-kong-file.ts';

/** Kong's own plugins that prove who calls, open source and enterprise. A custom one is not known here. */
export const authPlugins: ReadonlySet<string> = new Set([
  'basic-auth',
  'header-cert-auth',
  'hmac-auth',
  'jwt',
  'jwt-signer',
  'key-auth',
  'key-auth-enc',
  'ldap-auth',
  'ldap-auth-advanced',
  'mtls-auth',
  'oauth2',
  'oauth2-introspection',
  'openid-connect',
  'saml',
  'session',
  'vault-auth',
]);

/** Consumers that stand for nobody: some auth plugin falls back to them. */
export const anonymousConsumers = (kong: KongFile): ReadonlySet<KongConsumer> => {
  const names = new Set(
    pluginPlaces(kong).flatMap(({ plugin: { name, config } }) => {
      const anonymous = authPlugins.has(name) && isTable(config) ? config['anonymous'] : undefined;
      return typeof anonymous === 'string' ? [anonymous] : [];
    }),
  );
  return new Set(
    kong.consumers.filter(({ id, username }) => names.has(id) || (username !== undefined && names.has(username))),
  );
};
