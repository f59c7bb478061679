import { failure, success, type Result } from '../../domain/result.ts';
import type { Command, Report } from '../command.ts';
import { sharedHelp, sharedOptions } from '../options.ts';
import { knownToolsAndPatterns } from '../policy/known-tools.ts';
import { createOracle, type Oracle, type Verdict } from '../policy/oracle.ts';
import { placeLabel, placesFor, timeOf, toolsInRecords } from '../policy/questions.ts';
import { loadSetup, type PolicedPlace } from '../policy/setup.ts';
import { concerns, findSubject, type Subject } from '../policy/subjects.ts';
import { verdictOn } from '../policy/verdict-on.ts';
import { formatTable, printable } from '../table.ts';
import { ruleCell } from './rule-cell.ts';

export const toolsOf: Command = {
  name: 'tools-of',
  summary: 'what a consumer may use',
  usage: 'CONSUMER [options]',
  help: `Lists the tools and REST operations that a consumer may use. Take its username, custom_id or id, or "anonymous".
Known are the tools of the policy document, REST operations, names in rules, and those in --records. A name with *
stands for the tools of that pattern that nobody knows by name.
"listed no" is a tool that may be called but does not show in tools/list, or the other way round.

${sharedHelp('kong', 'policy', 'server', 'records', 'at')}
  --all             also list what it may not use, and why

Exit codes: 0 it may use something, 1 it may use nothing, 2 unusable question or files.`,
  options: { ...sharedOptions('kong', 'policy', 'server', 'records', 'at'), all: { type: 'boolean' } },
  positionals: { min: 1, max: 1 },
  run: (parameters, io) => {
    const setup = loadSetup(parameters, io);
    if (!setup.ok) return setup;
    const places = placesFor(setup.value, parameters.option('server'));
    if (!places.ok) return places;
    const at = timeOf(parameters, io);
    if (!at.ok) return at;
    const recorded = toolsInRecords(parameters, io);
    if (!recorded.ok) return recorded;
    const subject = findSubject(setup.value, parameters.positionals[0] ?? '');
    if (!subject.ok) return failure([{ file: setup.value.kong.file, problem: subject.error }]);
    return listTools(createOracle(setup.value), {
      subject: subject.value,
      places: places.value.filter((place) => concerns(place, subject.value)),
      at: at.value,
      recorded: recorded.value,
      showsAll: parameters.flag('all'),
    });
  },
};

interface ToolsOf {
  readonly subject: Subject;
  readonly places: readonly PolicedPlace[];
  readonly at: number;
  readonly recorded: (server: string) => readonly string[];
  readonly showsAll: boolean;
}

interface Row {
  readonly server: string;
  readonly tool: string;
  readonly verdict: Verdict;
}

const listTools = (oracle: Oracle, { subject, places, at, recorded, showsAll }: ToolsOf): Result<Report, never> => {
  const { setup } = oracle;
  const rows = places.flatMap((place) =>
    knownToolsAndPatterns(place, recorded(place.server)).map((tool): Row => {
      return { server: placeLabel(place, setup), tool, verdict: verdictOn(subject, { oracle, place, tool, at }) };
    }),
  );
  const able = rows.filter(({ verdict }) => verdict.access !== 'no' || verdict.isListed);
  const shown = showsAll ? rows : able;
  return success({
    hasFindings: able.length === 0,
    text: [
      ...(able.length === 0 ? [`${printable(subject.name)} may use none of the ${rows.length} known tools.`] : []),
      ...(shown.length === 0
        ? []
        : [formatTable([['server', 'tool', 'may', 'listed', 'rule'], ...shown.map(toCells)], '')]),
    ].join('\n'),
    json: { consumer: subject.name, tools: rows.map(({ server, tool, verdict }) => ({ server, tool, ...verdict })) },
  });
};

const toCells = ({ server, tool, verdict }: Row): readonly string[] => [
  printable(server),
  printable(tool),
  verdict.access,
  verdict.isListed ? 'yes' : 'no',
  ruleCell(verdict),
];
