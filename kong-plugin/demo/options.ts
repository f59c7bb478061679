import { parseArgs } from 'node:util';

export const HELP = `npm start -- [options]

  --port <n>          proxy port (default 8000)
  --admin-port <n>    Admin API port (default 8001)
  --billing-port <n>  port of the billing API (default 8120, or any free one)
  --portal-port <n>   port of the portal (default 7007)
  --config <file>     declarative configuration (default kong.yml)
  --data <folder>     sockets, keys, records and databases (default .data)
  --no-kong           use the local gateway even when a kong is on PATH
  --no-billing        leave the ledger, its database and the Stripe double out
  --no-portal         leave the Backstage portal out (1.7 GB, minutes the first time)
  --no-tour           start, but do not call anything
  --once              stop after the tour
  --help              this text
`;

export interface DemoOptions {
  readonly port: number;
  readonly adminPort: number;
  readonly billingPort: number;
  readonly portalPort: number;
  readonly config: string;
  readonly data: string;
  readonly preferKong: boolean;
  readonly withBilling: boolean;
  readonly withPortal: boolean;
  readonly withTour: boolean;
  readonly once: boolean;
  readonly help: boolean;
}

/** From the command line. Throws one sentence, with the help where an option is unknown. */
export const readDemoOptions = (args: readonly string[] = process.argv.slice(2)): DemoOptions => {
  const values = parse(args);
  const port = (name: 'port' | 'admin-port' | 'billing-port' | 'portal-port'): number => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= 0 && value < 65_536) return value;
    throw new Error(`--${name} must be a port between 0 and 65535, and is ${values[name]}.`);
  };
  return {
    port: port('port'),
    adminPort: port('admin-port'),
    billingPort: port('billing-port'),
    portalPort: port('portal-port'),
    config: values.config,
    data: values.data,
    preferKong: !values['no-kong'],
    withBilling: !values['no-billing'],
    withPortal: !values['no-portal'],
    withTour: !values['no-tour'],
    once: values.once,
    help: values.help,
  };
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '8000' },
        'admin-port': { type: 'string', default: '8001' },
        'billing-port': { type: 'string', default: '8120' },
        'portal-port': { type: 'string', default: '7007' },
        config: { type: 'string', default: 'kong.yml' },
        data: { type: 'string', default: '.data' },
        'no-kong': { type: 'boolean', default: false },
        'no-billing': { type: 'boolean', default: false },
        'no-portal': { type: 'boolean', default: false },
        'no-tour': { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`, { cause: error });
  }
};
