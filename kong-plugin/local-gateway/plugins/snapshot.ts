import type { Consumer, Entities, JwtSecret, KeyAuthCredential } from '../declarative-config/entities.ts';
import { Router } from '../router/router.ts';
import { PluginIterator, type PluginIteratorOptions } from './plugin-iterator.ts';

/** One loaded configuration with the look-ups that plugins need. Replaced as a whole at a reload. */
export class Snapshot {
  readonly router: Router;
  readonly plugins: PluginIterator;
  private readonly consumers: ReadonlyMap<string, Consumer>;
  private readonly usernames: ReadonlyMap<string, Consumer>;
  private readonly keys: ReadonlyMap<string, KeyAuthCredential>;
  private readonly jwtKeys: ReadonlyMap<string, JwtSecret>;

  constructor(
    readonly entities: Entities,
    options: PluginIteratorOptions,
  ) {
    this.router = new Router(entities);
    this.plugins = new PluginIterator(entities.plugins, options);
    this.consumers = new Map(entities.consumers.map((consumer) => [consumer.id, consumer]));
    this.usernames = new Map(
      entities.consumers.flatMap((consumer) => (consumer.username === null ? [] : [[consumer.username, consumer]])),
    );
    this.keys = new Map(entities.keyauth_credentials.map((credential) => [credential.key, credential]));
    this.jwtKeys = new Map(entities.jwt_secrets.map((secret) => [secret.key, secret]));
  }

  consumerById(id: string): Consumer | undefined {
    return this.consumers.get(id);
  }

  consumerByUsername(username: string): Consumer | undefined {
    return this.usernames.get(username);
  }

  credentialByKey(key: string): KeyAuthCredential | undefined {
    return this.keys.get(key);
  }

  jwtSecretByKey(key: string): JwtSecret | undefined {
    return this.jwtKeys.get(key);
  }

  groupsOf(consumerId: string): readonly string[] {
    return this.entities.acls.filter((acl) => acl.consumer.id === consumerId).map((acl) => acl.group);
  }
}
