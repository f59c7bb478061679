import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  startLocalGateway,
  type LocalGateway,
  type LocalGatewayOptions,
  type PluginServerOptions,
} from '../../../kong-plugin/local-gateway/local-gateway.ts';
import { launcher, stockLauncher } from '../../../kong-plugin/src/plugin-server/testing/child-process.ts';
import type { InvocationRecord } from '../../../kong-plugin/src/domain/records/invocation-record.ts';
import { waitFor } from '../../setup/governed-demo.ts';

export interface TestGateway extends LocalGateway {
  readonly prefix: string;
  readonly lines: readonly string[];
  /** Records written so far to the default file. */
  records(): readonly InvocationRecord[];
  recordWhere(fits: (record: InvocationRecord) => boolean): Promise<InvocationRecord>;
  /** Sends the signal to the plugin server and says which process it was. */
  signal(name: NodeJS.Signals): number;
}

export interface TestGatewayOptions extends Partial<Omit<LocalGatewayOptions, 'config' | 'prefix' | 'log'>> {
  /** Services, consumers, ... without `_format_version`. */
  readonly declarative: object;
  readonly prefix?: string;
}

/** Short, because a Unix socket's path holds about 100 bytes. */
export const makePrefix = (): string => mkdtempSync(path.join(os.tmpdir(), 'fail-'));

export const toConfig = (declarative: object): { readonly declarative: object } => ({
  declarative: { _format_version: '3.0', ...declarative },
});

/** The local gateway with the launcher that ships, on free ports, in a folder that is removed at the end. */
export const startTestGateway = async (options: TestGatewayOptions): Promise<TestGateway> => {
  const { declarative, prefix = makePrefix(), ...rest } = options;
  const lines: string[] = [];
  const gateway = await startLocalGateway({
    config: toConfig(declarative),
    proxyPort: 0,
    adminPort: 0,
    prefix,
    log: (line) => void lines.push(line),
    ...rest,
  }).catch((error: unknown) => {
    rmSync(prefix, { recursive: true, force: true });
    throw error;
  });
  const records = (): readonly InvocationRecord[] =>
    readRecords(path.join(prefix, 'mcp-governance', 'invocations.jsonl'));
  return {
    ...gateway,
    prefix,
    lines,
    records,
    recordWhere: (fits) => waitFor(() => records().find(fits)),
    signal: (name) => {
      const pid = gateway.pluginServerPid();
      if (pid === undefined) throw new Error('there is no plugin server to signal');
      process.kill(pid, name);
      return pid;
    },
    close: async () => {
      await gateway.close();
      rmSync(prefix, { recursive: true, force: true });
    },
  };
};

/** A line may be half written when the process was killed: such a tail is no record. */
export const readRecords = (file: string): readonly InvocationRecord[] => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as InvocationRecord);
};

/** How Kong would be told to run a plugin server that serves the misbehaving plugin. */
export const misbehavingServer = (prefix: string, by: 'our launcher' | "kong-pdk's launcher"): PluginServerOptions => {
  const script = by === 'our launcher' ? launcher : stockLauncher;
  const command = [process.execPath, script, '-d', path.join(import.meta.dirname, 'misbehaving')];
  const socketName = 'misbehaving.sock';
  return {
    command: [
      ...[...command, '-p', prefix, '--sock-name', socketName],
      ...(by === 'our launcher' ? ['--exit-with-parent'] : []),
    ],
    socket: path.join(prefix, socketName),
    queryCommand: [...command, '--dump-all-plugins'],
  };
};
