import { parseArgs } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { failure, success, type Result } from '../domain/result.ts';
import { closest } from '../domain/text/closest.ts';
import type { Arguments, Command, Options, Outcome } from './command.ts';
import { commands } from './commands/index.ts';
import { exitCodeOf, type CliFailure } from './failure.ts';
import { exitCodeHelp, exitCodes, type ExitCode, type Io } from './io.ts';
import { describeDatabaseError, openSession } from './session.ts';

const everyCommandOptions = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Options;

/** The whole program. Nothing throws but bugs. */
export const runCli = async (argv: readonly string[], io: Io): Promise<ExitCode> => {
  const [name] = argv;
  if (name === undefined) return misuse(io, 'name a command', overview());
  if (name === '--version') return answer(io, packageJson.version);
  if (name === '--help' || name === '-h') return answer(io, overview());
  if (name === 'help') return helpOn(argv.slice(1), io);
  const command = commandOf(argv);
  if (command === undefined) return unknownCommand(argv, io);
  return runCommand(command, argv.slice(command.name.split(' ').length), io);
};

const runCommand = async (command: Command, argv: readonly string[], io: Io): Promise<ExitCode> => {
  const read = readArguments(command, argv);
  if (!read.ok) return misuse(io, read.error, usageOf(command));
  if (read.value.flag('help')) return answer(io, helpText(command));
  const { min, max } = command.positionals;
  const { length } = read.value.positionals;
  if (length < min || length > max) return misuse(io, wrongCount(command, length), usageOf(command));
  const outcome = await execute(command, read.value, io);
  if (!outcome.ok) return fail(io, outcome.error, { asJson: read.value.flag('json'), command });
  const { text, json, hasFindings } = outcome.value;
  io.out(read.value.flag('json') ? `${toJson(json)}\n` : text === '' ? '' : `${text}\n`);
  return hasFindings === true ? exitCodes.findings : exitCodes.done;
};

const execute = async (command: Command, parameters: Arguments, io: Io): Promise<Outcome> => {
  if (command.needs === 'nothing') return command.run(parameters, io);
  const session = await openSession(io);
  if (!session.ok) return session;
  try {
    return await command.run(parameters, session.value, io);
  } catch (error) {
    return describeDatabaseError(error, session.value.settings.databaseUrl);
  } finally {
    session.value.progress('');
    await session.value.close();
  }
};

/** Counts are bigint inside; those beyond 2^53 would lose digits as numbers and stay text. */
const toJson = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, each: unknown) =>
      typeof each !== 'bigint' ? each : Number.isSafeInteger(Number(each)) ? Number(each) : each.toString(),
    2,
  );

const readArguments = (command: Command, argv: readonly string[]): Result<Arguments, string> => {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { ...command.options, ...everyCommandOptions },
      allowPositionals: true,
      strict: true,
    });
    return success(toArguments(values, positionals));
  } catch (error) {
    // Node adds a hint about `--` that no value here needs.
    return failure(error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error));
  }
};

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

const toArguments = (values: Values, positionals: readonly string[]): Arguments => ({
  positionals,
  option: (name) => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  },
  list: (name) => {
    const value = values[name];
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  },
  flag: (name) => values[name] === true,
});

const wrongCount = ({ name, positionals: { min, max } }: Command, given: number): string =>
  `${name} takes ${min === max ? min : `${min} to ${max}`} argument${max === 1 ? '' : 's'}, and ${given} ${given === 1 ? 'was' : 'were'} given`;

const answer = (io: Io, text: string): ExitCode => {
  io.out(`${text}\n`);
  return exitCodes.done;
};

const misuse = (io: Io, problem: string, hint: string): ExitCode => {
  io.err(`stoa-billing: ${problem}\n\n${hint}\n`);
  return exitCodes.misused;
};

/** With `--json` a program reads the answer: it gets the failure in the same form. */
const fail = (
  io: Io,
  error: CliFailure,
  { asJson, command }: { readonly asJson: boolean; readonly command: Command },
): ExitCode => {
  const { kind, message, issues = [] } = error;
  if (asJson)
    io.out(`${JSON.stringify({ error: { kind, message, ...(issues.length > 0 ? { issues } : {}) } }, null, 2)}\n`);
  io.err(`stoa-billing: ${[message, ...issues.map((issue) => `  ${issue}`)].join('\n')}\n`);
  if (kind === 'misused') io.err(`\n${usageOf(command)}\n`);
  return exitCodeOf(error);
};

const helpOn = (words: readonly string[], io: Io): ExitCode => {
  if (words.length === 0) return answer(io, overview());
  const command = commandOf(words);
  return command === undefined ? unknownCommand(words, io) : answer(io, helpText(command));
};

/** `node add` before `node`. */
const commandOf = ([first = '', second = '']: readonly string[]): Command | undefined =>
  commands.find(({ name }) => name === `${first} ${second}`) ?? commands.find(({ name }) => name === first);

const unknownCommand = ([first = '', second]: readonly string[], io: Io): ExitCode => {
  const family = commands.filter(({ name }) => name.startsWith(`${first} `));
  if (family.length > 0) {
    const known = family.map(({ name }) => name).join(', ');
    return misuse(
      io,
      `${second === undefined || second.startsWith('-') ? `complete ${first}` : `there is no command ${JSON.stringify(`${first} ${second}`)}`}: ${known}`,
      overview(),
    );
  }
  const meant = closest(first, [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))]);
  return misuse(
    io,
    `there is no command ${JSON.stringify(first)}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    overview(),
  );
};

const usageOf = ({ name, usage }: Command): string =>
  `Usage: stoa-billing ${name} ${usage}\nMore: stoa-billing ${name} --help`;

const helpText = ({ name, usage, help }: Command): string =>
  `Usage: stoa-billing ${name} ${usage}

${help}
  --json            the answer as JSON
  -h, --help        this text

${exitCodeHelp}`;

const overview = (): string =>
  [
    'Usage: stoa-billing <command> [options]',
    '',
    'The ledger of tool invocations: prices, statements, invoices, budgets, audit and exports.',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(16)}  ${summary}`),
    '',
    exitCodeHelp,
    '',
    'stoa-billing <command> --help says more. --version prints the version. Configuration: docs/billing.md.',
  ].join('\n');
