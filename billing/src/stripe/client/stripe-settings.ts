import { readFileSync } from 'node:fs';
import type { Issue } from '../../domain/issue.ts';
import { failure, success, type Result } from '../../domain/result.ts';
import { DEFAULT_METER_PREFIX } from '../../domain/metering/meter-names.ts';
import { DEFAULT_CALLS_PER_SECOND, MAX_CALLS_PER_SECOND } from '../../domain/metering/token-bucket.ts';
import { Secret } from './secret.ts';

/**
 * `off`: nothing leaves. `shadow`: everything is sent to a test account and compared, nothing becomes final. `live`: invoices
 * become final; with a test key that is a rehearsal.
 */
export type StripeMode = 'off' | 'shadow' | 'live';

export type StripeSettings = { readonly mode: 'off' } | StripeConnection;

export interface StripeConnection {
  readonly mode: 'shadow' | 'live';
  readonly secretKey: Secret;
  readonly account: 'test' | 'live';
  /** Names this world in ids and rows: what was sent to a test account says nothing about the live one. */
  readonly environment: string;
  /** Another server than Stripe's, such as the double. */
  readonly address?: { readonly protocol: 'http' | 'https'; readonly host: string; readonly port: number };
  /** Several while one is replaced. */
  readonly webhookSecrets: readonly Secret[];
  readonly callsPerSecond: number;
  /** Begins the names of new meters; a name stays taken for ever, also when its meter is deactivated. */
  readonly meterPrefix: string;
  readonly timeoutMs: number;
}

export interface StripeInput {
  readonly mode?: string | undefined;
  readonly secretKey?: string | undefined;
  /** Separated by commas. */
  readonly webhookSecrets?: string | undefined;
  readonly apiBase?: string | undefined;
  readonly environment?: string | undefined;
  readonly callsPerSecond?: string | undefined;
  readonly meterPrefix?: string | undefined;
}

/** Stripe answers within seconds or not at all; the SDK would wait 80 s and hold the meter meanwhile. */
const TIMEOUT_MS = 20_000;

const KEY_PATTERN = /^[sr]k_(test|live)_\w+$/;

/** Names of the variables; each secret also as `<name>_FILE`, a file that holds it. */
export const stripeVariables = {
  mode: 'STRIPE_MODE',
  secretKey: 'STRIPE_SECRET_KEY',
  webhookSecrets: 'STRIPE_WEBHOOK_SECRET',
  apiBase: 'STRIPE_API_BASE',
  environment: 'STRIPE_ENVIRONMENT',
  callsPerSecond: 'STRIPE_CALLS_PER_SECOND',
  meterPrefix: 'STRIPE_METER_PREFIX',
} as const satisfies Record<keyof StripeInput, string>;

/** From the environment; an issue names the variable and never its value. */
export const readStripeSettings = (
  environment: Readonly<Record<string, string | undefined>>,
  readFile: (file: string) => string = (file) => readFileSync(file, 'utf8'),
): Result<StripeSettings, Issue> => {
  const input: Record<string, string | undefined> = {};
  for (const [field, variable] of Object.entries(stripeVariables)) {
    const file = environment[`${variable}_FILE`];
    try {
      input[field] = file === undefined ? environment[variable] : readFile(file).trim();
    } catch {
      return failure({ path: `${variable}_FILE`, problem: 'The file cannot be read.', suggestion: `Look at ${file}.` });
    }
  }
  return parseStripeSettings(input);
};

export const parseStripeSettings = (input: StripeInput): Result<StripeSettings, Issue> => {
  const mode = input.mode ?? 'off';
  if (mode !== 'off' && mode !== 'shadow' && mode !== 'live')
    return issue('mode', `${JSON.stringify(mode.slice(0, 20))} is not a mode.`, 'Write off, shadow or live.');
  const account = KEY_PATTERN.exec(input.secretKey ?? '')?.[1] === 'live' ? 'live' : 'test';
  if (account === 'live' && mode !== 'live')
    return issue('secretKey', 'A live key moves money.', `Write ${stripeVariables.mode}=live, or give a test key.`);
  if (mode === 'off') return success({ mode });
  if (input.secretKey === undefined || input.secretKey === '')
    return issue('secretKey', `Mode ${mode} needs a key.`, 'Give sk_test_... or rk_test_..., or set the mode to off.');
  if (!KEY_PATTERN.test(input.secretKey))
    return issue('secretKey', 'This is not a secret key of Stripe.', 'It begins with sk_test_, rk_test_ or sk_live_.');
  return connectionOf(input, { mode, account, secretKey: new Secret(input.secretKey) });
};

const connectionOf = (
  input: StripeInput,
  key: Pick<StripeConnection, 'mode' | 'account' | 'secretKey'>,
): Result<StripeConnection, Issue> => {
  const environment = input.environment ?? (key.mode === 'shadow' ? 'shadow' : key.account);
  if (!/^[a-z0-9-]{1,20}$/.test(environment))
    return issue('environment', 'This is not a name of an environment.', 'Use up to 20 of a-z, 0-9 and hyphens.');
  const address = parseAddress(input.apiBase, key.account);
  if (!address.ok) return address;
  const callsPerSecond = Number(input.callsPerSecond ?? DEFAULT_CALLS_PER_SECOND);
  if (!Number.isInteger(callsPerSecond) || callsPerSecond < 1 || callsPerSecond > MAX_CALLS_PER_SECOND)
    return issue('callsPerSecond', 'This is not a rate.', `Write a whole number from 1 to ${MAX_CALLS_PER_SECOND}.`);
  const meterPrefix = input.meterPrefix ?? DEFAULT_METER_PREFIX;
  if (!/^[A-Za-z0-9_-]{1,20}$/.test(meterPrefix))
    return issue('meterPrefix', 'This cannot begin a name.', 'Use up to 20 letters, digits, hyphens and underscores.');
  const webhookSecrets = (input.webhookSecrets ?? '').split(',').flatMap((each) => {
    const text = each.trim();
    return text === '' ? [] : [new Secret(text)];
  });
  return success({
    ...key,
    environment,
    webhookSecrets,
    callsPerSecond,
    meterPrefix,
    timeoutMs: TIMEOUT_MS,
    ...(address.value === undefined ? {} : { address: address.value }),
  });
};

const parseAddress = (
  text: string | undefined,
  account: 'test' | 'live',
): Result<StripeConnection['address'], Issue> => {
  if (text === undefined || text === '') return success(undefined);
  if (account === 'live') return issue('apiBase', 'A live key is sent to Stripe only.', 'Take the address away.');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.pathname !== '/')
    return issue('apiBase', 'This is not the address of a server.', 'Write it as http://127.0.0.1:12111.');
  const protocol = url.protocol === 'http:' ? 'http' : 'https';
  if (protocol === 'http' && !/^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname))
    return issue('apiBase', 'Plain http would show the key to the network.', 'Use https, or 127.0.0.1.');
  const port = Number(url.port === '' ? (protocol === 'http' ? 80 : 443) : url.port);
  return success({ protocol, host: url.hostname, port });
};

const issue = (field: keyof StripeInput, problem: string, suggestion: string) =>
  failure({ path: stripeVariables[field], problem, suggestion });
