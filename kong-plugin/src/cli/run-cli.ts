import { parseArgs } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { closest } from '../domain/snapshot/suggest.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { Arguments, Command, Outcome } from './command.ts';
import { commands } from './commands/index.ts';
import type { ExitCode, Io } from './io.ts';
import { everyCommandOptions } from './options.ts';
import { describeProblem, type Problem } from './problem.ts';

/** The whole program. Nothing throws but bugs. A promise only where something outside of the files is asked. */
export const runCli = (argv: readonly string[], io: Io): ExitCode | Promise<ExitCode> => {
  const [name, ...rest] = argv;
  if (name === undefined) return misused(io, 'name a command', overview());
  if (name === '--version') return answer(io, packageJson.version);
  if (name === '--help' || name === '-h') return answer(io, overview());
  if (name === 'help') return helpOn(rest[0], io);
  const command = commandNamed(name);
  if (command === undefined) return misused(io, unknownCommand(name), overview());
  return runCommand(command, rest, io);
};

const runCommand = (command: Command, argv: readonly string[], io: Io): ExitCode | Promise<ExitCode> => {
  const read = readArguments(command, argv);
  if (!read.ok) return misused(io, read.error, usageOf(command));
  if (read.value.flag('help')) return answer(io, helpText(command));
  const { min, max } = command.positionals;
  const { length } = read.value.positionals;
  if (length < min || length > max) return misused(io, wrongCount(command, length), usageOf(command));
  const outcome = command.run(read.value, io);
  const conclude = (concluded: Outcome): ExitCode => report(io, concluded, read.value.flag('json'));
  return outcome instanceof Promise ? outcome.then(conclude) : conclude(outcome);
};

const report = (io: Io, outcome: Outcome, asJson: boolean): ExitCode => {
  if (!outcome.ok) return failed(io, outcome.error, asJson);
  io.out(`${asJson ? JSON.stringify(outcome.value.json, undefined, 2) : outcome.value.text}\n`);
  return outcome.value.hasFindings ? 1 : 0;
};

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
    return failure(error instanceof Error ? firstSentence(error.message) : String(error));
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

/** Node adds a hint about `--` that no value here needs. */
const firstSentence = (message: string): string => message.split('. ')[0] ?? message;

const wrongCount = ({ name, positionals: { min, max } }: Command, given: number): string =>
  `${name} takes ${min === max ? min : `${min} to ${max}`} argument${max === 1 ? '' : 's'}, and ${given} ${given === 1 ? 'was' : 'were'} given`;

const answer = (io: Io, text: string): ExitCode => {
  io.out(`${text}\n`);
  return 0;
};

const misused = (io: Io, problem: string, hint: string): ExitCode => {
  io.err(`mcp-governance: ${problem}\n\n${hint}\n`);
  return 2;
};

/** With `--json` a program reads the answer: it gets the problems in the same form. */
const failed = (io: Io, problems: readonly Problem[], asJson: boolean): ExitCode => {
  if (asJson) io.out(`${JSON.stringify({ problems }, undefined, 2)}\n`);
  for (const problem of problems) io.err(`mcp-governance: ${describeProblem(problem)}\n`);
  return 2;
};

const helpOn = (name: string | undefined, io: Io): ExitCode => {
  if (name === undefined) return answer(io, overview());
  const command = commandNamed(name);
  return command === undefined ? misused(io, unknownCommand(name), overview()) : answer(io, helpText(command));
};

const commandNamed = (name: string): Command | undefined => commands.find((command) => command.name === name);

const unknownCommand = (name: string): string => {
  const meant = closest(
    name,
    commands.map((command) => command.name),
  );
  return `there is no command ${JSON.stringify(name)}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
};

const usageOf = ({ name, usage }: Command): string =>
  `Usage: mcp-governance ${name} ${usage}\nMore: mcp-governance ${name} --help`;

const helpText = ({ name, usage, help }: Command): string => `Usage: mcp-governance ${name} ${usage}\n\n${help}`;

const overview = (): string =>
  [
    'Usage: mcp-governance <command> [options]',
    '',
    'Answers questions about the policy of a gateway from its files, without a running Kong.',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(10)}  ${summary}`),
    '',
    'Exit codes: 0 nothing to say, 1 findings, differences or denied, 2 unusable question or files.',
    'mcp-governance <command> --help says more. --version prints the version.',
  ].join('\n');
