import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';

/** Where the parts of the demo really listen; kong.yml names their usual addresses. */
export interface Addresses {
  readonly mcp: string;
  readonly rest: string;
  readonly managementPort: number;
}

/** Where records go, added to every governed service. */
export interface MeteringTarget {
  readonly url: string;
  readonly token: string;
  readonly nodeId: string;
}

/** A policy that is polled, in place of the one in kong.yml. */
export interface PolicyTarget {
  readonly url: string;
  readonly hmacSecret: string;
  readonly token: string;
}

interface Plugin {
  readonly name: string;
  config?: { metering?: object; policy?: { readonly inline?: string } | object };
}

interface Declarative {
  readonly services?: readonly { readonly plugins?: Plugin[] }[];
}

/** kong.yml with the demo's addresses. Throws one sentence when it cannot be read. */
export const readDemoConfig = (file: string, urls: Addresses, metering?: MeteringTarget): object => {
  const text = readText(file)
    .replaceAll('http://127.0.0.1:9101', new URL(urls.mcp).origin)
    .replaceAll('http://127.0.0.1:9102', new URL(urls.rest).origin)
    .replaceAll('port: 8110', `port: ${urls.managementPort}`);
  const declarative = parseText(file, text);
  if (metering !== undefined)
    for (const plugin of governingPlugins(declarative))
      plugin.config = {
        ...plugin.config,
        metering: { url: metering.url, token: metering.token, node_id: metering.nodeId },
      };
  return declarative;
};

/** The policy that kong.yml carries, as text; undefined where it carries none. */
export const inlinePolicy = (declarative: object): string | undefined =>
  governingPlugins(declarative)
    .map(({ config }) => (config?.policy as { readonly inline?: string } | undefined)?.inline)
    .find((text) => text !== undefined);

/** The same configuration with the policy of an address, for all governed services. */
export const withPolicyOf = (declarative: object, { url, hmacSecret, token }: PolicyTarget): object => {
  const copy = structuredClone(declarative);
  for (const plugin of governingPlugins(copy))
    plugin.config = { ...plugin.config, policy: { url, hmac_secret: hmacSecret, token } };
  return copy;
};

/** Writes a configuration that may hold keys: for this user only. */
export const writeConfig = (file: string, content: object | string): void => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : stringify(content), { mode: 0o600 });
  // A file that was there keeps its mode otherwise.
  chmodSync(file, 0o600);
};

const governingPlugins = (declarative: object): readonly Plugin[] =>
  ((declarative as Declarative).services ?? [])
    .flatMap(({ plugins = [] }) => plugins)
    .filter(({ name }) => name === 'mcp-governance');

const parseText = (file: string, text: string): object => {
  try {
    return parse(text) as object;
  } catch (error) {
    throw new Error(`${file} is not YAML: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
};

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new Error(`The configuration ${file} cannot be read: ${why}.`, { cause: error });
  }
};
