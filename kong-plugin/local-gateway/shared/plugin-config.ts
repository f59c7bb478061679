import type { LuaData } from './lua-data.ts';

/** A plugin's configuration as its handler gets it: its own fields, and those that Kong's plugin iterator adds. */
export interface PluginConfig {
  readonly [field: string]: LuaData;
  readonly __plugin_id: string;
  readonly __key__: string;
  readonly __seq__: number;
  readonly __ws_id: string;
}
