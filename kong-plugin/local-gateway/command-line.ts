import { parseArgs } from 'node:util';
import { failure, success, type Result } from '../src/domain/result.ts';

export interface CommandLine {
  readonly config: string;
  readonly prefix: string;
  readonly proxyPort: number;
  readonly adminPort: number;
  readonly help: boolean;
}

export const usage = `Usage: local-gateway [options]
      --config FILE      declarative configuration (default kong.yml; KONG_DECLARATIVE_CONFIG)
      --proxy-port PORT  where clients connect (default 8000; KONG_PROXY_PORT; 0: any)
      --admin-port PORT  Admin API (default 8001; KONG_ADMIN_PORT; 0: any)
      --prefix DIR       sockets and folders (default .data/gateway; KONG_PREFIX)
  -h, --help             print this text and exit
`;

type Environment = Readonly<Record<string, string | undefined>>;

/** Flags win over the environment. The error is one sentence. */
export const parseCommandLine = (
  parameters: readonly string[],
  environment: Environment,
): Result<CommandLine, string> => {
  try {
    const { values } = parseArgs({
      args: [...parameters],
      options: {
        config: { type: 'string' },
        'proxy-port': { type: 'string' },
        'admin-port': { type: 'string' },
        prefix: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
      strict: true,
    });
    const proxyPort = port(values['proxy-port'] ?? environment['KONG_PROXY_PORT'] ?? '8000');
    const adminPort = port(values['admin-port'] ?? environment['KONG_ADMIN_PORT'] ?? '8001');
    if (proxyPort === undefined) return failure('--proxy-port (KONG_PROXY_PORT) must be a number between 0 and 65535.');
    if (adminPort === undefined) return failure('--admin-port (KONG_ADMIN_PORT) must be a number between 0 and 65535.');
    return success({
      config: values.config ?? environment['KONG_DECLARATIVE_CONFIG'] ?? 'kong.yml',
      prefix: values.prefix ?? environment['KONG_PREFIX'] ?? '.data/gateway',
      proxyPort,
      adminPort,
      help: values.help,
    });
  } catch (error) {
    return failure(`${error instanceof Error ? error.message : String(error)} (--help lists the options)`);
  }
};

const port = (text: string): number | undefined => {
  const value = Number(text);
  return /^\d+$/.test(text) && value <= 65_535 ? value : undefined;
};
