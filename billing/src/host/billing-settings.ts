import { readFileSync } from 'node:fs';
import type { Issue } from '../domain/issue.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { NoticeWebhook } from '../budgets/deliver-notices.ts';
import { MIN_TOKEN_LENGTH } from '../http/access.ts';
import { readStripeSettings, type StripeSettings } from '../stripe/client/stripe-settings.ts';

export interface BillingSettings {
  /** Undefined: an embedded PostgreSQL below `dataDirectory`. */
  readonly databaseUrl?: string;
  readonly dataDirectory: string;
  readonly host: string;
  readonly port: number;
  /** An admin token that needs no row. */
  readonly apiToken?: string;
  readonly policyFile?: string;
  readonly policySecret?: string;
  readonly budgetWebhook?: NoticeWebhook;
  readonly parties: Parties;
  readonly stripe: StripeSettings;
}

/** Who sells: on statements, and as FOCUS names them. */
export interface Parties {
  readonly issuer: string;
  readonly provider: string;
  readonly publisher: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every variable with what it is for: the table in docs/billing.md is this one, and a test holds them together. */
export const billingVariables = {
  DATABASE_URL:
    'PostgreSQL, postgresql://user:password@host/database. Left out: an embedded server in the data directory.',
  BILLING_DATA_DIRECTORY: 'Where the embedded server keeps its data; .data/billing.',
  BILLING_HOST: 'Address that the API listens on; 127.0.0.1.',
  BILLING_PORT: 'Its port; 8120, and 0 for any free one.',
  BILLING_API_TOKEN: `Token of an administrator, at least ${MIN_TOKEN_LENGTH} characters; with it the first others are made.`,
  BILLING_POLICY_FILE: "The operator's policy document, to which GET /v1/policy adds used-up budgets.",
  BILLING_POLICY_SECRET: 'Signs that document for the gateways (their policy.hmac_secret), at least 32 characters.',
  BILLING_BUDGET_WEBHOOK_URL: 'Where notices of budgets are sent.',
  BILLING_BUDGET_WEBHOOK_SECRET: 'Signs them, at least 16 characters.',
  BILLING_ISSUER: 'Who issues statements, by name.',
  BILLING_PROVIDER: 'ProviderName of FOCUS; the issuer when left out.',
  BILLING_PUBLISHER: 'PublisherName of FOCUS; the issuer when left out.',
} as const;

type Variable = keyof typeof billingVariables;

const secrets: readonly Variable[] = [
  'DATABASE_URL',
  'BILLING_API_TOKEN',
  'BILLING_POLICY_SECRET',
  'BILLING_BUDGET_WEBHOOK_SECRET',
];

const MIN_SECRET_LENGTH = 16;
/** As the gateway's `policy.hmac_secret` has it: what it would refuse is refused here, where it is made. */
const MIN_POLICY_SECRET_LENGTH = 32;

/** From the environment; an issue names the variable and never its value. Secrets may come from `<name>_FILE`. */
export const readBillingSettings = (
  environment: Environment,
  readFile: (file: string) => string = (file) => readFileSync(file, 'utf8'),
): Result<BillingSettings, Issue> => {
  const values = readValues(environment, readFile);
  if (!values.ok) return values;
  const stripe = readStripeSettings(environment, readFile);
  if (!stripe.ok) return stripe;
  const value = (name: Variable): string | undefined => values.value.get(name);
  const problem = findProblem(value);
  if (problem !== undefined) return failure(problem);
  const issuer = value('BILLING_ISSUER') ?? 'stoa-billing';
  const [webhookUrl, webhookSecret] = [value('BILLING_BUDGET_WEBHOOK_URL'), value('BILLING_BUDGET_WEBHOOK_SECRET')];
  return success({
    dataDirectory: value('BILLING_DATA_DIRECTORY') ?? '.data/billing',
    host: value('BILLING_HOST') ?? '127.0.0.1',
    port: Number(value('BILLING_PORT') ?? 8120),
    parties: {
      issuer,
      provider: value('BILLING_PROVIDER') ?? issuer,
      publisher: value('BILLING_PUBLISHER') ?? issuer,
    },
    stripe: stripe.value,
    ...optional('databaseUrl', value('DATABASE_URL')),
    ...optional('apiToken', value('BILLING_API_TOKEN')),
    ...optional('policyFile', value('BILLING_POLICY_FILE')),
    ...optional('policySecret', value('BILLING_POLICY_SECRET')),
    ...(webhookUrl === undefined || webhookSecret === undefined
      ? {}
      : { budgetWebhook: { url: webhookUrl, secret: webhookSecret } }),
  });
};

const optional = <Name extends string>(name: Name, value: string | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: string };

const readValues = (
  environment: Environment,
  readFile: (file: string) => string,
): Result<ReadonlyMap<Variable, string>, Issue> => {
  const values = new Map<Variable, string>();
  for (const name of Object.keys(billingVariables) as Variable[]) {
    const file = secrets.includes(name) ? environment[`${name}_FILE`] : undefined;
    try {
      const value = file === undefined ? environment[name] : readFile(file).trim();
      // An empty variable is how a compose file says that there is none.
      if (value !== undefined && value !== '') values.set(name, value);
    } catch {
      return failure({ path: `${name}_FILE`, problem: 'The file cannot be read.', suggestion: `Look at ${file}.` });
    }
  }
  return success(values);
};

const findProblem = (value: (name: Variable) => string | undefined): Issue | undefined =>
  databaseProblem(value('DATABASE_URL')) ??
  portProblem(value('BILLING_PORT')) ??
  lengthProblem('BILLING_API_TOKEN', value('BILLING_API_TOKEN'), MIN_TOKEN_LENGTH) ??
  lengthProblem('BILLING_POLICY_SECRET', value('BILLING_POLICY_SECRET'), MIN_POLICY_SECRET_LENGTH) ??
  lengthProblem('BILLING_BUDGET_WEBHOOK_SECRET', value('BILLING_BUDGET_WEBHOOK_SECRET'), MIN_SECRET_LENGTH) ??
  webhookProblem(value('BILLING_BUDGET_WEBHOOK_URL'), value('BILLING_BUDGET_WEBHOOK_SECRET'));

const databaseProblem = (text: string | undefined): Issue | undefined => {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1) return undefined;
  return {
    path: 'DATABASE_URL',
    problem: 'This is not the address of a PostgreSQL database.',
    suggestion: 'Write it as postgresql://user:password@host:5432/database, or leave it out for an embedded server.',
  };
};

const portProblem = (text = '0'): Issue | undefined =>
  /^\d{1,5}$/.test(text) && Number(text) < 65_536
    ? undefined
    : { path: 'BILLING_PORT', problem: 'This is not a port.', suggestion: 'Write a number from 0 to 65535.' };

const lengthProblem = (path: Variable, text: string | undefined, least: number): Issue | undefined =>
  text === undefined || text.length >= least
    ? undefined
    : { path, problem: `It has fewer than ${least} characters.`, suggestion: 'Make one with: openssl rand -hex 32.' };

const webhookProblem = (text: string | undefined, secret: string | undefined): Issue | undefined => {
  if (text === undefined) return undefined;
  const path = 'BILLING_BUDGET_WEBHOOK_URL';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLoopback = url !== undefined && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url === undefined || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)))
    return { path, problem: 'This is not an https address.', suggestion: 'Plain http is for this machine only.' };
  if (secret !== undefined) return undefined;
  return {
    path: 'BILLING_BUDGET_WEBHOOK_SECRET',
    problem: 'Notices are signed, and there is no secret.',
    suggestion: 'Make one with: openssl rand -hex 32.',
  };
};
