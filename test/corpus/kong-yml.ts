import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { Consumer } from './case.ts';

interface Plugin {
  readonly name: string;
  readonly config?: object;
}

interface KongConsumer {
  readonly username: Consumer;
  readonly custom_id: string;
  readonly tags: readonly string[];
  readonly keyauth_credentials: readonly { readonly key: string }[];
}

interface KongYml {
  readonly services: readonly { readonly name: string; readonly plugins: readonly Plugin[] }[];
  readonly consumers: readonly KongConsumer[];
}

export const kongYmlFile = path.resolve(import.meta.dirname, '../../kong.yml');

/** The shipped configuration: the corpus holds for what a platform team copies. */
export const kongYml = parse(readFileSync(kongYmlFile, 'utf8')) as KongYml;

export const serviceOf = { mcp: 'orders-mcp', rest: 'commerce-api' } as const;

/** What Kong hands to the plugin instance of a service. */
export const pluginConfig = (service: string): object => {
  const config = kongYml.services
    .find(({ name }) => name === service)
    ?.plugins.find(({ name }) => name === 'mcp-governance')?.config;
  if (config === undefined) throw new Error(`kong.yml governs no service ${service}`);
  return { ...config, service_id: service };
};

export const consumerNamed = (username: Consumer): KongConsumer => {
  const consumer = kongYml.consumers.find((candidate) => candidate.username === username);
  if (consumer === undefined) throw new Error(`kong.yml has no consumer ${username}`);
  return consumer;
};

export const keyOf = (username: Consumer): string => {
  const [credential] = consumerNamed(username).keyauth_credentials;
  if (credential === undefined) throw new Error(`kong.yml gives no key to ${username}`);
  return credential.key;
};
