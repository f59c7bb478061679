import { migrate, pendingMigrations } from '../database/migrate.ts';
import type { Database } from '../database/open-database.ts';
import { success, type Result } from '../domain/result.ts';
import { readBillingSettings, type BillingSettings } from '../host/billing-settings.ts';
import { createProviderContext } from '../host/create-provider-context.ts';
import { openServer, type OpenServer } from '../host/open-server.ts';
import { isDatabaseAway } from '../http/database-away.ts';
import type { ProviderContext } from '../stripe/provider-context.ts';
import { misconfigured, unavailable, type CliFailure } from './failure.ts';
import type { Io } from './io.ts';

/** What a command works with while it runs. */
export interface Session {
  readonly settings: BillingSettings;
  readonly database: Database;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Tells a person how far long work is; nothing when nobody watches. */
  readonly progress: (text: string) => void;
  /** Undefined in mode off. */
  readonly provider?: ProviderContext;
}

export interface OpenSession extends Session {
  readonly close: () => Promise<void>;
}

/** Connects and checks that the tables are those of this program. An embedded server is started, and brought up to date. */
export const openSession = async (
  io: Io,
  { checksMigrations = true }: { readonly checksMigrations?: boolean } = {},
): Promise<Result<OpenSession, CliFailure>> => {
  const read = readSettings(io);
  if (!read.ok) return read;
  const settings = read.value;
  const opened = await open(settings);
  if (!opened.ok) return opened;
  const { database, close } = opened.value;
  const provider = createProviderContext(settings.stripe, { database, now: io.now });
  const problem = await databaseProblem(database, { settings, checksMigrations });
  if (problem !== undefined) {
    await close();
    return problem;
  }
  return success({
    ...{ settings, database, now: io.now, signal: io.signal, progress: createProgress(io), close },
    ...(provider === undefined ? {} : { provider }),
  });
};

export const readSettings = (io: Io): Result<BillingSettings, CliFailure> => {
  const settings = readBillingSettings(io.environment, (file) => {
    const text = io.readFile(file);
    if (!text.ok) throw new Error(text.error);
    return text.value;
  });
  return settings.ok ? settings : misconfigured(settings.error);
};

const open = async (settings: BillingSettings): Promise<Result<OpenServer, CliFailure>> => {
  try {
    return success(await openServer(settings, 'stoa-billing cli'));
  } catch (error) {
    return unavailable(`The embedded PostgreSQL does not start: ${sentence(error)} Or give a server in DATABASE_URL.`);
  }
};

const databaseProblem = async (
  database: Database,
  { settings, checksMigrations }: { readonly settings: BillingSettings; readonly checksMigrations: boolean },
) => {
  try {
    if (settings.databaseUrl === undefined && checksMigrations) await migrate(database);
    const pending = await pendingMigrations(database);
    return pending.length === 0 || !checksMigrations
      ? undefined
      : misconfigured({
          path: 'DATABASE_URL',
          problem: `The database lacks ${pending.length} migration${pending.length === 1 ? '' : 's'}.`,
          suggestion: 'Run: stoa-billing migrate.',
        });
  } catch (error) {
    return describeDatabaseError(error, settings.databaseUrl);
  }
};

/** Class 28 is a wrong password, 3D000 a database that is not there: trying again helps neither. */
export const describeDatabaseError = (error: unknown, url: string | undefined) => {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (/^28|^3D000$|^42501$/.test(code))
    return misconfigured({
      path: 'DATABASE_URL',
      problem: `PostgreSQL refuses: ${sentence(error)}`,
      suggestion: 'Check user, password and database.',
    });
  if (!isDatabaseAway(error)) throw error;
  const address = url === undefined ? '' : ` at ${new URL(url).host}`;
  return unavailable(
    `The database${address} does not answer (${sentence(error).replace(/\.$/, '')}). Start it, or correct DATABASE_URL.`,
  );
};

const sentence = (error: unknown): string => {
  const cause = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const [first = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
  return first.endsWith('.') ? first : `${first}.`;
};

/** One line that is written over; nothing of it goes to a file or a pipe. */
const createProgress = ({ err, showsProgress }: Io): ((text: string) => void) =>
  showsProgress ? (text) => err(`\r\u001b[2K${text}`) : () => undefined;
