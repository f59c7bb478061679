import { spawnSync } from 'node:child_process';
import { failure, success, type Result } from '../../src/domain/result.ts';

/** What Kong reads from the query command: the FIRST plugin of the dump and nothing else. */
export interface PluginInfo {
  readonly name: string;
  readonly priority: number;
  readonly version: string;
  readonly phases: readonly string[];
  readonly schema: { readonly name: string; readonly fields: readonly unknown[] };
}

/** A plugin server that takes longer than this to print its schema is broken. */
const QUERY_TIMEOUT_MS = 20_000;

/** Runs the query command (`--dump-all-plugins`) the way Kong does before it starts. */
export const queryPluginInfo = (command: readonly string[]): Result<PluginInfo, string> => {
  const [file = '', ...parameters] = command;
  const run = spawnSync(file, parameters, {
    encoding: 'utf8',
    timeout: QUERY_TIMEOUT_MS,
    env: { PATH: process.env['PATH'] ?? '' },
    maxBuffer: 16 * 1024 * 1024,
  });
  if (run.error !== undefined) return failure(`cannot run "${command.join(' ')}": ${run.error.message}`);
  return parseDump(run.stdout, `${run.stdout}${run.stderr}`.trim());
};

const parseDump = (output: string, all: string): Result<PluginInfo, string> => {
  try {
    const dump: unknown = JSON.parse(output);
    const first: unknown = Array.isArray(dump) ? dump[0] : (dump as { Plugins?: unknown[] }).Plugins?.[0];
    return readInfo(first);
  } catch {
    return failure(`the plugin server did not print its plugins as JSON: ${all.slice(0, 2_000)}`);
  }
};

const readInfo = (value: unknown): Result<PluginInfo, string> => {
  const info = (value ?? {}) as Record<string, unknown>;
  const { Name: name, Priority: priority, Version: version, Phases: phases, Schema: schema } = info;
  if (typeof name !== 'string' || typeof priority !== 'number' || !Array.isArray(phases))
    return failure('the plugin server printed a plugin without Name, Priority or Phases');
  return success({
    name,
    priority,
    version: String(version),
    phases: phases.map(String),
    schema: schema as PluginInfo['schema'],
  });
};
