import { success, type Result } from '../../domain/result.ts';
import { didYouMean } from '../../domain/snapshot/suggest.ts';
import type { Command, Report } from '../command.ts';
import { sharedHelp, sharedOptions } from '../options.ts';
import { knownTools } from '../policy/known-tools.ts';
import { toCall } from '../../domain/item-call.ts';
import { createOracle, type Oracle, type Verdict } from '../policy/oracle.ts';
import { placeLabel, placesFor, timeOf } from '../policy/questions.ts';
import { loadSetup, type PolicedPlace } from '../policy/setup.ts';
import { concerns, subjectsOf } from '../policy/subjects.ts';
import { verdictOn } from '../policy/verdict-on.ts';
import { formatTable, printable } from '../table.ts';
import { ruleCell } from './rule-cell.ts';

export const whoCan: Command = {
  name: 'who-can',
  summary: 'which consumers may use a tool',
  usage: 'TOOL [options]',
  help: `Lists the consumers of kong.yml that may use a tool or REST operation, and by which rule.
"depends" means that a rule looks at the arguments: ask explain with --args.

${sharedHelp('kong', 'policy', 'server', 'at')}
  --all             also list who may not, and why

Exit codes: 0 somebody may, 1 nobody may, 2 unusable question or files.`,
  options: { ...sharedOptions('kong', 'policy', 'server', 'at'), all: { type: 'boolean' } },
  positionals: { min: 1, max: 1 },
  run: (parameters, io) => {
    const setup = loadSetup(parameters, io);
    if (!setup.ok) return setup;
    const places = placesFor(setup.value, parameters.option('server'));
    if (!places.ok) return places;
    const at = timeOf(parameters, io);
    if (!at.ok) return at;
    const [tool = ''] = parameters.positionals;
    return listCallers(createOracle(setup.value), {
      tool,
      places: places.value,
      at: at.value,
      showsAll: parameters.flag('all'),
    });
  },
};

interface WhoCan {
  readonly tool: string;
  readonly places: readonly PolicedPlace[];
  readonly at: number;
  readonly showsAll: boolean;
}

interface Row {
  readonly server: string;
  readonly consumer: string;
  readonly verdict: Verdict;
}

const listCallers = (oracle: Oracle, question: WhoCan): Result<Report, never> => {
  const { tool, places, showsAll } = question;
  // A REST API has exactly its operations: that it lacks one says nothing about anybody.
  const having = places.filter((place) => toCall({ kind: 'tool', name: tool }, place.config.server) !== undefined);
  const rows = having.flatMap((place) => rowsOf(oracle, { place, question }));
  const able = rows.filter(({ verdict }) => verdict.access !== 'no');
  const shown = showsAll ? rows : able;
  const isKnown = places.some((place) => knownTools(place).includes(tool));
  const all = places.flatMap((place) => knownTools(place));
  const hint = isKnown
    ? undefined
    : `No server is known to have ${printable(tool)}. ${didYouMean(tool, all) ?? ''}`.trim();
  return success({
    hasFindings: able.length === 0,
    text: [
      ...(able.length === 0 ? [`Nobody may use ${printable(tool)}.`] : []),
      ...(shown.length === 0 ? [] : [formatTable([['server', 'consumer', 'may', 'rule'], ...shown.map(toCells)], '')]),
      ...(hint === undefined ? [] : [hint]),
    ].join('\n'),
    json: { tool, isKnown, callers: rows.map(toJson) },
  });
};

const rowsOf = (
  oracle: Oracle,
  { place, question: { tool, at } }: { readonly place: PolicedPlace; readonly question: WhoCan },
): readonly Row[] => {
  const { setup } = oracle;
  return subjectsOf(setup)
    .filter((subject) => concerns(place, subject))
    .map((subject) => ({
      server: placeLabel(place, setup),
      consumer: subject.name,
      verdict: verdictOn(subject, { oracle, place, tool, at }),
    }));
};

const toCells = ({ server, consumer, verdict }: Row): readonly string[] => [
  printable(server),
  printable(consumer),
  verdict.access,
  ruleCell(verdict),
];

const toJson = ({ server, consumer, verdict }: Row) => ({ server, consumer, ...verdict });
