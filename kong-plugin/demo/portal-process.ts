import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { inlinePolicy, withPolicyOf, writeConfig } from './demo-config.ts';
import type { GovernedDemo } from './governed-demo.ts';

export interface PortalOptions {
  readonly root: string;
  readonly demo: GovernedDemo;
  readonly dataDirectory: string;
  readonly port: number;
  readonly managementToken: string;
  /** A database of its own in a server that runs already. */
  readonly databaseUrl?: string;
  readonly billing?: { readonly url: string; readonly token: string };
  readonly print: (line: string) => void;
}

export interface Portal {
  /** Resolves with the address once a person can sign in; undefined when the portal could not be started. */
  readonly ready: Promise<string | undefined>;
  close(): Promise<void>;
}

/**
 * Installs, builds and starts the portal in a process of its own, while everything else runs already. Once it is there, the
 * gateway polls its policy, so that subscriptions made in the portal count.
 */
export const startPortal = (options: PortalOptions): Portal => {
  const { root, demo, dataDirectory, port, print } = options;
  const declarativeFile = path.join(dataDirectory, 'kong.yml');
  const baseFile = path.join(dataDirectory, 'policy.yml');
  const [hmacSecret, token] = [secret(), secret()];
  writeConfig(declarativeFile, demo.declarative);
  writeConfig(baseFile, inlinePolicy(demo.declarative) ?? 'version: 1\n');
  const child = spawn(
    process.execPath,
    [
      path.join(root, 'backstage-plugins/setup/portal.mjs'),
      ...['--port', String(port), '--data', path.join(dataDirectory, 'portal')],
    ],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        KONG_ADMIN_URL: demo.adminUrl,
        KONG_DECLARATIVE_FILE: declarativeFile,
        GATEWAY_URL: demo.proxyUrl,
        GATEWAY_MANAGEMENT_URL: demo.managementUrl,
        GATEWAY_MANAGEMENT_TOKEN: options.managementToken,
        POLICY_BASE_FILE: baseFile,
        TOOL_CATALOG_POLICY_SECRET: hmacSecret,
        TOOL_CATALOG_POLICY_TOKEN: token,
        ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
        ...(options.billing === undefined
          ? {}
          : { BILLING_URL: options.billing.url, BILLING_TOKEN: options.billing.token }),
      },
    },
  );
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => print(chunk.toString().trimEnd()));
  const ready = addressOf(child).then(async (url) => {
    if (url === undefined) return undefined;
    const policy = { url: `${url}/api/tool-catalog/policy`, hmacSecret, token };
    const declarative = withPolicyOf(demo.declarative, policy);
    writeConfig(declarativeFile, declarative);
    await loadIntoKong(demo.adminUrl, declarative);
    return url;
  });
  return {
    ready,
    close: async () => {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await exited;
    },
  };
};

/** Of a demo that ends with its process: nobody needs them later. */
const secret = (): string => randomBytes(32).toString('base64url');

const addressOf = (child: ChildProcess): Promise<string | undefined> =>
  new Promise((resolve) => {
    child.on('message', (message) => {
      const { type, url } = message as { readonly type?: string; readonly url?: string };
      if (type === 'ready') resolve(url);
    });
    child.once('exit', () => resolve(undefined));
  });

const loadIntoKong = async (adminUrl: string, declarative: object): Promise<void> => {
  const response = await fetch(`${adminUrl}/config`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(declarative),
  });
  if (!response.ok) throw new Error(`Kong refused the portal's policy: ${response.status} ${await response.text()}`);
};
