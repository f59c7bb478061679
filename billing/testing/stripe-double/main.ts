/** The command line of the double: starts it, says where it is, and stops on SIGINT or SIGTERM. */
import { parseArgs } from 'node:util';
import { startStripeDouble, type StripeDoubleOptions } from './start-stripe-double.ts';

const usage = `A stand-in for Stripe's API, in memory and on 127.0.0.1 only.

  --port <number>       default 12111; 0 takes any free port
  --start <time>        where its time starts, such as 2026-11-01T00:00:00Z; default now
  --frozen              time moves only through POST /_double/clock/advance
  --seed <text>         ids and chances follow it
  --webhook <url>       sends snapshot events there; may be repeated
  --thin-webhook <url>  sends thin events there; may be repeated
  --webhook-secret-env <name>
                        environment variable with the signing secret for all of them
  --help
`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '12111' },
    start: { type: 'string' },
    frozen: { type: 'boolean', default: false },
    seed: { type: 'string' },
    webhook: { type: 'string', multiple: true, default: [] },
    'thin-webhook': { type: 'string', multiple: true, default: [] },
    'webhook-secret-env': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(usage);
} else {
  try {
    await run(readOptions());
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
}

async function run(options: StripeDoubleOptions): Promise<void> {
  const double = await startStripeDouble(options);
  process.stdout.write(
    `Stripe double (not Stripe: a stand-in, in memory): ${double.url}\n` +
      `  dashboard ${double.url}/dashboard   control ${double.url}/_double   key: any sk_test_…\n`,
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void double.close());
  }
}

function readOptions(): StripeDoubleOptions {
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port ${values.port}: give a number from 0 to 65535`);
  const startMs = values.start === undefined ? undefined : Date.parse(values.start);
  if (Number.isNaN(startMs)) throw new Error(`--start ${values.start ?? ''}: give a time such as 2026-11-01T00:00:00Z`);
  const secretName = values['webhook-secret-env'];
  const secret = secretName === undefined ? undefined : process.env[secretName];
  if (secretName !== undefined && secret === undefined)
    throw new Error(`--webhook-secret-env: ${secretName} is not set`);
  const target = (kind: 'snapshot' | 'thin') => (url: string) => ({
    url,
    kind,
    ...(secret !== undefined && { secret }),
  });
  return {
    port,
    clock: {
      running: !values.frozen,
      ...(startMs !== undefined && { startSeconds: Math.floor(startMs / 1000) }),
    },
    webhookTargets: [...values.webhook.map(target('snapshot')), ...values['thin-webhook'].map(target('thin'))],
    ...(values.seed !== undefined && { seed: values.seed }),
    onError: (error) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    },
  };
}
