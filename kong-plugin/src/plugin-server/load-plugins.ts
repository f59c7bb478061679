import fs from 'node:fs';
import path from 'node:path';
import kongPdk from 'kong-pdk/lib/mod.js';
import type { Module } from 'kong-pdk/lib/mod.js';
import type { Result } from '../domain/result.ts';
import { failure, success } from '../domain/result.ts';
import { describeError } from './describe-error.ts';
import type { PluginModule } from './plugin-contract.ts';

/** What a plugin may be: a file, or a directory with an index file. */
const extensions: ReadonlySet<string> = new Set(['.js', '.cjs', '.mjs', '.ts', '.node', '']);

export function loadBuiltIn(create: () => PluginModule): Result<readonly Module[], string> {
  try {
    const plugin = create();
    return success([new kongPdk.Module(plugin.Name ?? 'mcp-governance', undefined, plugin)]);
  } catch (error) {
    return failure(`the built-in plugin cannot be loaded: ${describeError(error).error}`);
  }
}

/**
 * Loads every plugin of a directory, or none: Kong must not start with a plugin missing (kong-pdk only warns, on the
 * stdout that Kong reads as JSON).
 */
export function loadDirectory(directory: string): Result<readonly Module[], string> {
  let entries: readonly string[];
  try {
    entries = fs.readdirSync(directory);
  } catch {
    return failure(`the plugins directory ${directory} cannot be read`);
  }
  const modules = new Map<string, Module>();
  for (const entry of entries.filter(isPlugin)) {
    const file = path.join(directory, entry);
    const loaded = loadFile(file);
    if (!loaded.ok) return loaded;
    if (modules.has(loaded.value.name)) return failure(`two plugins in ${directory} are named "${loaded.value.name}"`);
    modules.set(loaded.value.name, loaded.value);
  }
  return modules.size === 0 ? failure(`there is no plugin in ${directory}`) : success([...modules.values()]);
}

const isPlugin = (entry: string): boolean =>
  !entry.startsWith('.') && entry !== 'node_modules' && extensions.has(path.extname(entry)) && !entry.endsWith('.d.ts');

function loadFile(file: string): Result<Module, string> {
  try {
    return success(new kongPdk.Module(path.parse(file).name, file));
  } catch (error) {
    const { error: reason, stack } = describeError(error);
    return failure(`the plugin ${file} cannot be loaded: ${reason}${stack === undefined ? '' : `\n${stack}`}`);
  }
}
