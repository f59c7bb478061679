import { failure, success, type Result } from '../../domain/result.ts';
import type { Arguments, Command, Report } from '../command.ts';
import type { Io } from '../io.ts';
import { isTable } from '../kong/read-kong-file.ts';
import { readYaml } from '../kong/yaml-source.ts';
import { sharedHelp, sharedOptions } from '../options.ts';
import { compareSetups, type AccessChange, type Comparison } from '../policy/compare-setups.ts';
import { timeOf, toolsInRecords } from '../policy/questions.ts';
import { DEFAULT_KONG_FILE, readFile, readSetup, type Setup } from '../policy/setup.ts';
import type { Problem } from '../problem.ts';
import { formatTable, plural, printable } from '../table.ts';
import { ruleCell } from './rule-cell.ts';

export const diff: Command = {
  name: 'diff',
  summary: 'who gains or loses what between two kong.yml or two policy documents',
  usage: 'A B [options]',
  help: `Asks both for every consumer and every known tool, and lists the answers that differ from A to B.
A and B are two declarative configurations (with the same --policy, if any) or two policy documents (with the same
--kong).
A name with * stands for the tools of that pattern that nobody knows by name.

  +  gains    may use it now, or may with more arguments
  -  loses    may not any more, or only with some arguments
  ~  changes  shows in lists or hides, takes other arguments, or a limit is another

${sharedHelp('kong', 'policy', 'server', 'records', 'at')}

Exit codes: 0 no difference, 1 differences, 2 unusable question or files.`,
  options: sharedOptions('kong', 'policy', 'server', 'records', 'at'),
  positionals: { min: 2, max: 2 },
  run: (parameters, io) => {
    const at = timeOf(parameters, io);
    if (!at.ok) return at;
    const recorded = toolsInRecords(parameters, io);
    if (!recorded.ok) return recorded;
    const setups = readBoth(parameters, io);
    if (!setups.ok) return setups;
    const [before, after] = setups.value;
    const server = parameters.option('server');
    const comparison = compareSetups({
      before,
      after,
      at: at.value,
      recorded: recorded.value,
      ...(server === undefined ? {} : { server }),
    });
    return success(toReport(comparison));
  },
};

const readBoth = (parameters: Arguments, io: Io): Result<readonly [Setup, Setup], readonly Problem[]> => {
  const [first = '', second = ''] = parameters.positionals;
  const kinds = [kindOf(first, io), kindOf(second, io)] as const;
  const [left, right] = kinds;
  if (!left.ok || !right.ok) return failure(kinds.flatMap((kind) => (kind.ok ? [] : kind.error)));
  if (left.value !== right.value)
    return failure([{ problem: `${first} is a ${left.value} and ${second} a ${right.value}: compare two of a kind` }]);
  const kong = parameters.option('kong') ?? DEFAULT_KONG_FILE;
  const setupOf = (file: string) =>
    left.value === 'policy document'
      ? readSetup({ kong, policy: file }, io)
      : readSetup({ kong: file, policy: parameters.option('policy') }, io);
  const setups = [setupOf(first), setupOf(second)] as const;
  const [before, after] = setups;
  if (!before.ok || !after.ok) return failure(setups.flatMap((setup) => (setup.ok ? [] : setup.error)));
  return success([before.value, after.value]);
};

type FileKind = 'Kong configuration' | 'policy document';

/** A policy document must have a version; Kong's files have `_format_version` and entities. */
const kindOf = (file: string, io: Io): Result<FileKind, readonly Problem[]> =>
  readFile(file, { io }, (text, name) => {
    const source = readYaml(text, name);
    if (!source.ok) return source;
    const { value } = source.value;
    return success(
      isTable(value) && 'version' in value && !('services' in value) ? 'policy document' : 'Kong configuration',
    );
  });

const toReport = (comparison: Comparison): Report => {
  const { access, servers, limits } = comparison;
  const changes = access.length + servers.length + limits.length;
  const gains = access.filter(({ change }) => change === 'gains').length;
  const losses = access.filter(({ change }) => change === 'loses').length;
  return {
    hasFindings: changes > 0,
    text: [
      ...servers.map(
        ({ server, change }) =>
          `${marks[change === 'governed' ? 'gains' : 'loses']} ${printable(server)}: ${sentences[change]}`,
      ),
      ...(access.length === 0 ? [] : [formatTable(access.map(toCells), '')]),
      ...limits.map(({ id, change, describes }) => `~ limit ${printable(id)} ${change}: ${printable(describes)}`),
      changes === 0
        ? 'No differences.'
        : `${plural(gains, 'gain')}, ${losses} ${losses === 1 ? 'loss' : 'losses'}, ${plural(changes - gains - losses, 'other change')}`,
    ].join('\n'),
    json: comparison,
  };
};

const marks: Readonly<Record<AccessChange['change'], string>> = {
  gains: '+',
  loses: '-',
  shown: '~',
  hidden: '~',
  arguments: '~',
};

const sentences = {
  governed: 'is governed now; before, everybody reached it',
  ungoverned: 'is not governed any more',
} as const;

const toCells = ({ change, consumer, server, tool, before, after }: AccessChange): readonly string[] => [
  marks[change],
  printable(consumer),
  change,
  printable(tool),
  `on ${printable(server)}`,
  before.access === after.access ? `(${after.access})` : `(${before.access} -> ${after.access})`,
  `rule ${ruleCell(before) === ruleCell(after) ? ruleCell(after) : `${ruleCell(before)} -> ${ruleCell(after)}`}`,
];
