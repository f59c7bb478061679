import { LuaError } from '../shared/errors.ts';
import { tableField, type LuaData } from '../shared/lua-data.ts';
import { inPhases, requestPhases, requireString, type PdkModule } from './pdk-function.ts';
import { serializeRequest } from './serialize.ts';

const levels = ['debug', 'info', 'notice', 'warn', 'err', 'crit', 'alert', 'emerg'] as const;
/** Kong's default log level. */
const quiet: ReadonlySet<string> = new Set(['debug', 'info']);

/** `kong.log`. */
export const logModule = (log: (line: string) => void): PdkModule => ({
  ...Object.fromEntries(
    levels.map((level): [string, PdkModule[string]] => [
      level,
      (_request, ...parameters) => {
        if (!quiet.has(level)) log(`[${level}] ${parameters.map(asText).join('')}`);
        return undefined;
      },
    ]),
  ),
  serialize: inPhases(['log'], (request) => serializeRequest(request)),
  set_serialize_value: inPhases(requestPhases, (request, key, value, options) => {
    const mode = tableField(options, 'mode') ?? 'set';
    if (mode !== 'set' && mode !== 'add' && mode !== 'replace')
      throw new LuaError("mode must be 'set', 'add' or 'replace'");
    request.serializeValues.push({ key: requireString(key, 'key'), value, mode });
    return undefined;
  }),
});

/** Lua's `tostring`. */
const asText = (value: LuaData): string => {
  if (value === undefined || value === null) return 'nil';
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  return typeof value === 'object' ? 'table' : String(value);
};
