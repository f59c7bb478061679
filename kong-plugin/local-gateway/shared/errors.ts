import { LuaExit } from '../lua/host-table.ts';

/** A Lua error on Kong's side: the phase ends there and the plugin server is not told. */
export class LuaError extends Error {}

/**
 * `kong.response.exit` or `error` ended the phase. Unwinds through everything, as the yield of the phase's coroutine does
 * on Kong; nobody is answered.
 */
export class PhaseExit extends LuaExit {}

/** A value of unknown type in a message. */
export const asText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nil');

export const describeError = (error: unknown): string => (error instanceof Error ? error.message : asText(error));
