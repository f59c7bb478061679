import { existsSync } from 'node:fs';
import path from 'node:path';
import { LuaVm } from '../lua/lua-vm.ts';
import { toPluginSchema, type PluginSchema } from '../declarative-config/plugin-schema.ts';
import { schemaModules } from './schema-modules.ts';

/** The schema.lua beside a Lua plugin's handler; without one its configuration must be empty. */
export const readGuardSchema = (guard: { readonly file: string; readonly searchPath: string }): PluginSchema => {
  const directory = path.dirname(guard.file);
  const name = path.basename(directory);
  const file = path.join(directory, 'schema.lua');
  if (!existsSync(file))
    return { name, config: { type: 'record', required: true, fields: [] }, checks: [], refusedScopes: [] };
  const vm = new LuaVm({ globals: {}, modules: schemaModules, searchPath: guard.searchPath });
  try {
    const schema = vm.loadPlugin(file).toValue() as unknown as Parameters<typeof toPluginSchema>[0];
    return toPluginSchema({ ...schema, name });
  } finally {
    vm.close();
  }
};
