import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { launcher, writePlugin } from '../../src/plugin-server/testing/child-process.ts';
import { startLocalGateway, type LocalGateway, type LocalGatewayOptions } from '../local-gateway.ts';

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** Gone after the test file. Short, because a Unix socket's path holds about 100 bytes. */
export const makeDirectory = (): string => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'lg-'));
  directories.push(directory);
  return directory;
};

export interface TestGateway extends LocalGateway {
  readonly prefix: string;
  readonly lines: readonly string[];
  /** Resolves when a line of the log contains the text. */
  logged(text: string): Promise<void>;
}

/**
 * A gateway on free ports in a directory of its own; `isShipped`: with the plugin server
 * and the guard of this package, otherwise without any.
 */
export const startTestGateway = async (
  declarative: object,
  { isShipped = false, ...options }: Partial<LocalGatewayOptions> & { readonly isShipped?: boolean } = {},
): Promise<TestGateway> => {
  const prefix = makeDirectory();
  const lines: string[] = [];
  const gateway = await startLocalGateway({
    config: { declarative: { _format_version: '3.0', ...declarative } },
    proxyPort: 0,
    adminPort: 0,
    prefix,
    ...(isShipped ? {} : { pluginServer: false, guardFile: false }),
    log: (line) => void lines.push(line),
    ...options,
  });
  const logged = async (text: string): Promise<void> => {
    while (!lines.some((line) => line.includes(text))) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return {
    ...gateway,
    prefix,
    lines,
    logged,
  };
};

/** A gateway with the shipped launcher serving a plugin written here: `module.exports = { Plugin, Schema, ... }`. */
export const startWithPlugin = async (
  declarative: object,
  plugin: { readonly name: string; readonly source: string },
  options: Partial<LocalGatewayOptions> = {},
): Promise<TestGateway> => {
  const directory = makeDirectory();
  const folder = await writePlugin(directory, plugin);
  const socketName = 'p.sock';
  const command = [process.execPath, launcher, '-d', folder];
  return startTestGateway(declarative, {
    pluginServer: {
      command: [...command, '-p', directory, '--sock-name', socketName, '--exit-with-parent'],
      socket: path.join(directory, socketName),
      queryCommand: [...command, '--dump-all-plugins'],
    },
    ...options,
  });
};
