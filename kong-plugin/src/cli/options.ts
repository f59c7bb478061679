import type { Options } from './command.ts';

/** Options that several commands take, with the lines of their help. */
const shared = {
  kong: { type: 'string', help: '--kong FILE       Kong declarative configuration (default kong.yml)' },
  policy: { type: 'string', help: '--policy FILE     policy document, YAML or JSON' },
  server: { type: 'string', help: '--server NAME     only this server (server.name of the plugin)' },
  records: { type: 'string', help: '--records FILE    also take tool names from these records (JSON Lines)' },
  at: { type: 'string', help: '--at TIME         decide as of this time, RFC 3339 (default now)' },
} as const;

export type SharedOption = keyof typeof shared;

export const everyCommandOptions = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Options;

export const sharedOptions = (...names: readonly SharedOption[]): Options =>
  Object.fromEntries(names.map((name) => [name, { type: shared[name].type }]));

export const sharedHelp = (...names: readonly SharedOption[]): string =>
  [
    ...names.map((name) => `  ${shared[name].help}`),
    '  --json            the answer as JSON',
    '  -h, --help        this text',
  ].join('\n');
