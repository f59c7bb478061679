import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Result } from '../domain/result.ts';
import { failure, success } from '../domain/result.ts';

export type Action =
  | { readonly kind: 'serve' }
  /** JSON of every plugin, or of one, for Kong's `query_cmd`. */
  | { readonly kind: 'dump'; readonly name?: string }
  | { readonly kind: 'version' }
  | { readonly kind: 'help' };

export interface CommandLine {
  readonly action: Action;
  /** Kong's prefix: the directory of the socket and of what plugins keep on disk. */
  readonly prefix: string;
  readonly socketPath: string;
  /** Absent: the built-in plugin is served. */
  readonly pluginsDirectory?: string;
  /** Kong calls mcp-governance after each request; for routes that a post-function guards. */
  readonly hasLogPhase: boolean;
  readonly level: 'info' | 'debug';
  /** Take the socket over from a plugin server that is alive. */
  readonly replace: boolean;
  /** End when the process that started this one ends. */
  readonly exitWithParent: boolean;
}

export const usage = `Usage: mcp-governance-pluginserver [options]
  -p, --kong-prefix DIR        directory of the socket (default /usr/local/kong)
      --sock-name NAME         file name of the socket (default js_pluginserver.sock)
  -d, --plugins-directory DIR  serve the plugins of this directory instead of mcp-governance
      --dump-all-plugins       print the plugins' information as JSON and exit
      --dump-plugin-info NAME  print one plugin's information as JSON and exit
      --log-phase              let Kong call mcp-governance after each request, as \`guard: post-function\` needs;
                               give it to the start_cmd and the query_cmd
      --replace                take the socket over from a plugin server that is still running
      --exit-with-parent       end when the process that started this one ends
  -v, --verbose                log every call (never its parameters)
      --version                print the version and exit
  -h, --help                   print this text and exit
`;

const flags = {
  'kong-prefix': { type: 'string', short: 'p', default: '/usr/local/kong' },
  'sock-name': { type: 'string', default: 'js_pluginserver.sock' },
  'plugins-directory': { type: 'string', short: 'd' },
  'dump-all-plugins': { type: 'boolean', default: false },
  'dump-plugin-info': { type: 'string' },
  'log-phase': { type: 'boolean', default: false },
  replace: { type: 'boolean', default: false },
  'exit-with-parent': { type: 'boolean', default: false },
  verbose: { type: 'boolean', short: 'v', default: false },
  version: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** The flags of kong-js-pluginserver 0.6.0, `--log-phase`, `--replace` and `--exit-with-parent`. */
export function parseCommandLine(parameters: readonly string[]): Result<CommandLine, string> {
  try {
    const { values } = parseArgs({ args: parameters.map(withTwoDashes), options: flags, strict: true });
    const directory = values['plugins-directory'];
    return success({
      action: actionOf(values),
      prefix: path.resolve(values['kong-prefix']),
      socketPath: path.resolve(values['kong-prefix'], values['sock-name']),
      ...(directory === undefined ? {} : { pluginsDirectory: path.resolve(directory) }),
      hasLogPhase: values['log-phase'],
      level: values.verbose ? 'debug' : 'info',
      replace: values.replace,
      exitWithParent: values['exit-with-parent'],
    });
  } catch (error) {
    return failure(error instanceof Error ? error.message : String(error));
  }
}

/** Kong's documentation for other languages writes `-kong-prefix`, and kong-js-pluginserver took some of these forms. */
function withTwoDashes(parameter: string): string {
  const name = /^-([a-z][a-z-]+)(?:=.*)?$/s.exec(parameter)?.[1];
  return name !== undefined && name in flags ? `-${parameter}` : parameter;
}

interface ActionFlags {
  readonly help: boolean;
  readonly version: boolean;
  readonly 'dump-all-plugins': boolean;
  readonly 'dump-plugin-info'?: string | undefined;
}

function actionOf(values: ActionFlags): Action {
  if (values.help) return { kind: 'help' };
  if (values.version) return { kind: 'version' };
  const name = values['dump-plugin-info'];
  if (name !== undefined) return { kind: 'dump', name };
  return values['dump-all-plugins'] ? { kind: 'dump' } : { kind: 'serve' };
}
